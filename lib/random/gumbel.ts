import type { Key } from "./key.ts"
import { logarithm } from "./logarithm.ts"
import { checkCount, eachChunk } from "./words.ts"

/**
 * `n` numbers from the standard Gumbel distribution, −ln(−ln u) at u = (word + ½) / 2^32; always finite, within (−3.2, 22.9).
 * The k largest of logits plus such noise are a draw of k without replacement from their softmax. Element i depends on the key
 * and i only. Throws a `RangeError` if `n` is not a count.
 */
export const gumbel = (key: Key, n: number): Float32Array<ArrayBuffer> => {
  checkCount("gumbel", n)
  const out = new Float32Array(n)
  eachChunk(key, n, (chunk, start, count) => {
    for (let i = 0; i < count; i++) out[start + i] = -logarithm(-logarithm((chunk[i]! + 0.5) * 2 ** -32))
  })
  return out
}
