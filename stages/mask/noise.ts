import type { NoiseSpec } from "../../lib/pipeline/stage.ts"
import { gumbel } from "../../lib/random/gumbel.ts"
import type { Key } from "../../lib/random/key.ts"
import { permutation } from "../../lib/random/permutation.ts"

/** Standard Gumbel noise. */
export const gumbelNoise = (dimension: string): NoiseSpec => ({
  dtype: "float32",
  dims: [dimension],
  draw: (key, [n]) => gumbel(key, n!)
})

/** n distinct numbers in (0, 1), in a random order: (rank + ½) / n, so that no engine has ties to break. */
export const shuffled = (key: Key, n: number): Float32Array => {
  const rank = permutation(key, n)
  return Float32Array.from({ length: n }, (_, i) => (rank(i) + 0.5) / n)
}

/** Noise of n distinct numbers in a random order. */
export const orderNoise = (dimension: string): NoiseSpec => ({
  dtype: "float32",
  dims: [dimension],
  draw: (key, [n]) => shuffled(key, n!)
})
