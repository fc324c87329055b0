import type { Key } from "./key.ts"
import { normal } from "./normal.ts"

/**
 * float32[rows, cols], row-major, whose rows are uniform on the unit sphere: normal draws divided by their length.
 * Row r depends on the key, r and cols only. Throws a `RangeError` if `rows` is not a count or `cols` is not a positive one.
 */
export const unitVectors = (key: Key, rows: number, cols: number): Float32Array<ArrayBuffer> => {
  if (!Number.isSafeInteger(rows) || rows < 0 || !Number.isSafeInteger(cols) || cols < 1)
    throw new RangeError(`unitVectors: expected rows ≥ 0 and cols ≥ 1, got ${rows} × ${cols}`)
  const out = normal(key, rows * cols)
  for (let start = 0; start < out.length; start += cols) {
    let square = 0
    for (let i = start; i < start + cols; i++) square += out[i]! * out[i]!
    const scale = 1 / Math.sqrt(square)
    for (let i = start; i < start + cols; i++) out[i] = out[i]! * scale
  }
  return out
}
