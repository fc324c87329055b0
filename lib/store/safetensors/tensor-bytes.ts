import { widenBfloat16, widenFloat16 } from "./half-precision.ts"
import type { TensorEntry } from "./header.ts"
import { SafetensorsError } from "./safetensors-error.ts"
import { elementCount, readAs, type StoredTensor } from "./stored-tensor.ts"

/** An allocated tensor for an entry of a file, and the buffer to read the file's bytes into. */
export interface Filling {
  readonly tensor: StoredTensor
  /**
   * Destination of the file's bytes; the tensor's own memory, or for floats of other precisions a buffer that `finish` converts.
   */
  readonly bytes: Uint8Array
  /** Completes the tensor when `bytes` is full; throws a `SafetensorsError` for content that the dtype does not allow. */
  readonly finish: () => void
}

const allocate = (entry: TensorEntry): StoredTensor | undefined => {
  const { shape } = entry
  const count = elementCount(shape) ?? 0
  switch (readAs(entry.dtype)) {
    case "F32":
      return { dtype: "F32", shape, data: new Float32Array(count) }
    case "I32":
      return { dtype: "I32", shape, data: new Int32Array(count) }
    case "I64":
      return { dtype: "I64", shape, data: new BigInt64Array(count) }
    case "U8":
      return { dtype: "U8", shape, data: new Uint8Array(count) }
    case "BOOL":
      return { dtype: "BOOL", shape, data: new Uint8Array(count) }
    case undefined:
      return undefined
  }
}

/** Index of the first byte of a BOOL tensor that is neither 0 nor 1, or −1. */
export const badBoolean = (data: Uint8Array): number => data.findIndex((byte) => byte > 1)

/** Allocates the tensor of an entry; throws a `SafetensorsError` for a dtype that cannot be read. */
export const filling = (name: string, entry: TensorEntry, file: string): Filling => {
  const refuse = (what: string): SafetensorsError =>
    new SafetensorsError({ file, reason: `tensor ${JSON.stringify(name)} ${what}` })
  const tensor = allocate(entry)
  if (tensor === undefined) throw refuse(`is of type ${entry.dtype}, which is not read`)
  if (tensor.dtype === "F32" && entry.dtype === "F64") {
    const doubles = new Float64Array(tensor.data.length)
    return { tensor, bytes: new Uint8Array(doubles.buffer), finish: () => tensor.data.set(doubles) }
  }
  if (tensor.dtype === "F32" && entry.dtype !== "F32") {
    const halves = new Uint16Array(tensor.data.length)
    const widen = entry.dtype === "F16" ? widenFloat16 : widenBfloat16
    return { tensor, bytes: new Uint8Array(halves.buffer), finish: () => widen(halves, tensor.data) }
  }
  const bytes = new Uint8Array(tensor.data.buffer)
  const finish = () => {
    const at = tensor.dtype === "BOOL" ? badBoolean(bytes) : -1
    if (at >= 0) throw refuse(`has the byte ${bytes[at]} for a BOOL, at element ${at}`)
  }
  return { tensor, bytes, finish }
}

/** Throws a `SafetensorsError` unless a tensor's data has the length of its shape, and BOOL bytes are 0 or 1. */
export const checkTensor = (name: string, tensor: StoredTensor, file: string): void => {
  const count = elementCount(tensor.shape)
  if (count !== tensor.data.length) {
    const reason = `tensor ${JSON.stringify(name)} has shape [${tensor.shape.join()}] but ${tensor.data.length} elements`
    throw new SafetensorsError({ file, reason })
  }
  const at = tensor.dtype === "BOOL" ? badBoolean(tensor.data) : -1
  if (at >= 0) {
    const reason = `tensor ${JSON.stringify(name)} has the byte ${tensor.data[at]} for a BOOL, at element ${at}`
    throw new SafetensorsError({ file, reason })
  }
}
