import type { Key } from "./key.ts"
import { quantile } from "./quantile.ts"
import { checkCount, eachChunk } from "./words.ts"

/** Φ(2) − Φ(−2), the share of a normal distribution within two standard deviations. */
const WITHIN_TWO = 0.9544997361036416

/**
 * `n` numbers from a normal distribution of mean 0 and the given standard deviation, truncated at ±2·std (values beyond are never
 * drawn, not clipped), by the quantile function; the standard deviation after truncation is .8796·std.
 * timm's and torch's `trunc_normal_` truncate at ±2 absolute by default, which has no effect for a std of .02; ±2·std is
 * TensorFlow's, JAX's and the original ViT's and BERT's. Element i depends on the key and i only. Throws a `RangeError` if `n` is
 * not a count or `std` is negative or not finite.
 */
export const truncatedNormal = (key: Key, n: number, std: number): Float32Array<ArrayBuffer> => {
  checkCount("truncatedNormal", n)
  if (!Number.isFinite(std) || std < 0) throw new RangeError(`truncatedNormal: expected std ≥ 0, got ${std}`)
  const out = new Float32Array(n)
  const scale = WITHIN_TWO * 2 ** -32
  eachChunk(key, n, (chunk, start, count) => {
    for (let i = 0; i < count; i++) out[start + i] = std * quantile((chunk[i]! - 2147483647.5) * scale)
  })
  return out
}
