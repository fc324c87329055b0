import type { Key } from "./key.ts"
import { checkCount, eachChunk } from "./words.ts"

/**
 * `n` integers uniform on [low, high), both within int32 (high up to 2^31).
 * Two words give a 53-bit fraction that is scaled by the range and rounded down, so probabilities differ from 1/range by a factor
 * within 1 ± 2^−21, and by less the smaller the range. Element i depends on the key, the bounds and i only. Throws a `RangeError`
 * if `n` is not a count, a bound is not an int32 or the range is empty.
 */
export const integers = (key: Key, n: number, low: number, high: number): Int32Array<ArrayBuffer> => {
  checkCount("integers", n)
  if ((low | 0) !== low || ((high - 1) | 0) !== high - 1 || high <= low)
    throw new RangeError(`integers: expected int32 bounds with low < high, got [${low}, ${high})`)
  const range = high - low
  const out = new Int32Array(n)
  eachChunk(key, 2 * n, (chunk, start, count) => {
    for (let i = 0; i < count; i += 2) {
      const fraction = (chunk[i]! * 2 ** 21 + (chunk[i + 1]! >>> 11)) * 2 ** -53
      out[(start + i) / 2] = low + Math.floor(fraction * range)
    }
  })
  return out
}
