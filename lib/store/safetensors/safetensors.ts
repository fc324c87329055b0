import { telling } from "./foreign-format.ts"
import { headerLength, parseHeader } from "./header.ts"
import { layOut } from "./layout.ts"
import { bytesOf, type StoredTensor } from "./stored-tensor.ts"
import { checkTensor, filling } from "./tensor-bytes.ts"

/** Tensors and metadata texts of a safetensors file. */
export interface Tensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly metadata: ReadonlyMap<string, string>
}

const noMetadata: ReadonlyMap<string, string> = new Map()

/**
 * Encodes a safetensors file; the same tensors and metadata give the same bytes, whatever their order.
 * For content that fits in memory twice: files are written with `writeSafetensors`. Throws a `SafetensorsError` that names the
 * tensor whose data does not have its shape's length, or the name or shape that cannot be written.
 */
export const encode = (
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: ReadonlyMap<string, string> = noMetadata
): Uint8Array<ArrayBuffer> => {
  const { prefix, names, dataBytes } = layOut(tensors, metadata, "safetensors")
  const out = new Uint8Array(prefix.length + dataBytes)
  out.set(prefix)
  let at = prefix.length
  for (const name of names) {
    const tensor = tensors.get(name)!
    checkTensor(name, tensor, "safetensors")
    out.set(bytesOf(tensor.data), at)
    at += tensor.data.byteLength
  }
  return out
}

/**
 * Decodes the tensors of a safetensors file, copied; F16 and BF16 widen to F32. Order is that of the bytes.
 * Throws a `SafetensorsError` with the rule of the format that the bytes break (see `parseHeader`).
 */
export const decode = (bytes: Uint8Array, file = "safetensors"): Tensors => {
  const length = headerLength(bytes.subarray(0, telling), bytes.length, file)
  const data = bytes.subarray(8 + length)
  const header = parseHeader(bytes.subarray(8, 8 + length), data.length, file)
  const tensors = new Map<string, StoredTensor>()
  for (const [name, entry] of header.tensors) {
    const { tensor, bytes: into, finish } = filling(name, entry, file)
    into.set(data.subarray(entry.start, entry.end))
    finish()
    tensors.set(name, tensor)
  }
  return { tensors, metadata: header.metadata }
}
