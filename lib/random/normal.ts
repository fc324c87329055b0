import type { Key } from "./key.ts"
import { quantile } from "./quantile.ts"
import { checkCount, eachChunk } from "./words.ts"

/**
 * `n` numbers from the standard normal distribution, by its quantile function at (word + ½) / 2^32; within ±6.34, never 0.
 * Element i depends on the key and i only. Throws a `RangeError` if `n` is not a count.
 */
export const normal = (key: Key, n: number): Float32Array<ArrayBuffer> => {
  checkCount("normal", n)
  const out = new Float32Array(n)
  eachChunk(key, n, (chunk, start, count) => {
    for (let i = 0; i < count; i++) out[start + i] = quantile((chunk[i]! - 2147483647.5) * 2 ** -32)
  })
  return out
}
