import { sizeOf } from "../compiler/program.ts"
import type { Numbers } from "../engine/engine.ts"
import type { Json } from "../pipeline/stage.ts"
import { digest, sha256 } from "../store/digest.ts"
import type { Dtype } from "../tensor/field.ts"

/** Values of a tensor with their shape, row-major, as a stage's recorded input or output. */
export interface RecordedTensor {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly data: Numbers
}

/** Values by name: tensors, and other values that a host stage reads or adds (texts, bytes). */
export interface Recorded {
  readonly [name: string]: unknown
}

const kinds = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const

const isRecord = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)

/** True where a value is a recorded tensor. */
export const isRecordedTensor = (value: unknown): value is RecordedTensor =>
  isRecord(value) && ArrayBuffer.isView(value["data"]) && Array.isArray(value["shape"]) && typeof value["dtype"] === "string"

/**
 * Creates a recorded tensor, e.g. `recorded("float32", [2, 3], [1, 2, 3, 4, 5, 6])`. Throws a `RangeError` where the number of
 * values does not match the shape.
 */
export const recorded = (dtype: Dtype, shape: readonly number[], data: ArrayLike<number>): RecordedTensor => {
  if (data.length !== sizeOf(shape))
    throw new RangeError(`${dtype}[${shape.join(", ")}] has ${sizeOf(shape)} numbers, but ${data.length} are given`)
  const Kind = kinds[dtype]
  return { dtype, shape, data: data instanceof Kind ? data : Kind.from(data) }
}

const isDtype = (text: unknown): text is Dtype => typeof text === "string" && Object.hasOwn(kinds, text)

/**
 * Returns recorded values from JSON: `{ "dtype", "shape", "data" }` is a tensor (a flat list), `{ "base64" }` is bytes,
 * everything else is kept unchanged. Throws a `RangeError` that names the value.
 */
export const recordedFromJson = (json: unknown): Recorded => {
  if (!isRecord(json)) throw new RangeError("a recorded input is an object of values by field")
  const read = (name: string, value: unknown): unknown => {
    if (!isRecord(value)) return value
    const { dtype, shape, data, base64 } = value
    if (typeof base64 === "string") return new Uint8Array(Buffer.from(base64, "base64"))
    if (!isDtype(dtype) || !Array.isArray(shape) || !Array.isArray(data))
      throw new RangeError(`'${name}' is neither { dtype, shape, data } nor { base64 }`)
    return recorded(dtype, shape.map(Number), data.map(Number))
  }
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, read(name, value)]))
}

/** Converts recorded values to JSON, which `recordedFromJson` reads. */
export const recordedToJson = (values: Recorded): { readonly [name: string]: Json } =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]): [string, Json] => {
      if (isRecordedTensor(value)) return [name, { dtype: value.dtype, shape: [...value.shape], data: [...value.data] }]
      if (value instanceof Uint8Array) return [name, { base64: Buffer.from(value).toString("base64") }]
      return [name, value as Json]
    })
  )

/**
 * Computes the SHA-256 of recorded values: names, types, shapes and bytes. Little-endian, as is every machine that Node runs on.
 */
export const recordedDigest = (values: Recorded): string =>
  digest(
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        if (isRecordedTensor(value)) {
          const { dtype, shape, data } = value
          return [name, { dtype, shape: [...shape], data: sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) }]
        }
        return [name, value instanceof Uint8Array ? { bytes: sha256(value) } : (value as Json)]
      })
    )
  )
