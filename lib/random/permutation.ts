import { type Key, keyWords } from "./key.ts"
import { philox } from "./philox.ts"

/** Largest size of a permuted set: 2^40 elements. */
export const largestPermutation = 2 ** 40

// Small sets need more rounds before all n! permutations are equally likely: 12 fail a chi-squared test at n = 6, 24 pass.
const roundsFor = (n: number): number => (n < 2 ** 16 ? 36 : 12)

/**
 * Keyed permutation of [0, n) as a function of the index, in constant time and memory, for n from 1 to 2^40.
 * A Feistel network on pairs (x, y) in [0, a) × [0, b), with a = ⌈√n⌉ and b = ⌈n / a⌉: each round adds a Philox word of one half
 * to the other, modulo its size. That permutes [0, a·b), fewer than a elements more than n, and an image of n or more is permuted
 * repeatedly until it is below n (cycle walking; Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002). Throws
 * a `RangeError` if n, or later an index, is out of range.
 */
export const permutation = (key: Key, n: number): ((index: number) => number) => {
  if (!Number.isSafeInteger(n) || n < 1 || n > largestPermutation)
    throw new RangeError(`permutation: expected a size from 1 to 2^40, got ${n}`)
  const [k0, k1, c2, c3] = keyWords(key)
  const a = Math.ceil(Math.sqrt(n))
  const b = Math.ceil(n / a)
  const rounds = roundsFor(n)
  const block = new Uint32Array(4)
  const encipher = (value: number): number => {
    let x = Math.floor(value / b)
    let y = value - x * b
    for (let round = 0; round < rounds; round += 2) {
      philox(block, 0, k0, k1, y, round, c2, c3)
      x = (x + (block[0]! % a)) % a
      philox(block, 0, k0, k1, x, round + 1, c2, c3)
      y = (y + (block[0]! % b)) % b
    }
    return x * b + y
  }
  return (index) => {
    if (!Number.isSafeInteger(index) || index < 0 || index >= n)
      throw new RangeError(`permutation: expected an index from 0 to ${n - 1}, got ${index}`)
    let value = encipher(index)
    while (value >= n) value = encipher(value)
    return value
  }
}
