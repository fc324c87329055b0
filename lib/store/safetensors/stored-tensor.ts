/** Dtypes that this project keeps in memory, and their arrays. */
export interface StoredArrays {
  readonly F32: Float32Array
  readonly I32: Int32Array
  readonly I64: BigInt64Array
  readonly U8: Uint8Array
  /** A byte each, 0 or 1. */
  readonly BOOL: Uint8Array
}

/** A dtype that can be written. */
export type StoredDtype = keyof StoredArrays

/** A tensor as read or to be written: row-major; a shape of [] is a scalar. */
export type StoredTensor = {
  readonly [D in StoredDtype]: { readonly dtype: D; readonly shape: ReadonlyArray<number>; readonly data: StoredArrays[D] }
}[StoredDtype]

/** Bytes of an element of every dtype of whole bytes in the format; those that cannot be read are still checked and listed. */
export const itemBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
  C64: 8
} as const

/** A dtype that a file may have. */
export type FileDtype = keyof typeof itemBytes

/** Returns the dtype in memory of a file's dtype: floats of other precisions become F32; `undefined` if it cannot be read. */
export const readAs = (dtype: FileDtype): StoredDtype | undefined => {
  if (dtype === "F16" || dtype === "BF16" || dtype === "F64") return "F32"
  return dtype === "F32" || dtype === "I32" || dtype === "I64" || dtype === "U8" || dtype === "BOOL" ? dtype : undefined
}

/** Number of elements of a shape, or `undefined` where it is not a list of counts whose product is a safe integer. */
export const elementCount = (shape: ReadonlyArray<number>): number | undefined => {
  let count = 1
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return undefined
    count *= size
    if (!Number.isSafeInteger(count)) return undefined
  }
  return count
}

/** Returns a tensor's bytes, without a copy. Little-endian, as is every machine that Node and the engines run on. */
export const bytesOf = (data: StoredArrays[StoredDtype]): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
