import type { Key } from "./key.ts"
import { checkCount, eachChunk } from "./words.ts"

/**
 * `n` numbers uniform on [0, 1): the multiples of 2^−24, which float32 holds exactly (so 1 never appears).
 * Element i depends on the key and i only. Throws a `RangeError` if `n` is not a count.
 */
export const uniform = (key: Key, n: number): Float32Array<ArrayBuffer> => {
  checkCount("uniform", n)
  const out = new Float32Array(n)
  eachChunk(key, n, (chunk, start, count) => {
    for (let i = 0; i < count; i++) out[start + i] = (chunk[i]! >>> 8) * 2 ** -24
  })
  return out
}
