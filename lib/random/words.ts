import { type Key, keyWords } from "./key.ts"
import { philox } from "./philox.ts"

const chunkWords = 4096

/** Throws a `RangeError` that names the draw unless `n` is a count. */
export const checkCount = (draw: string, n: number): void => {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`${draw}: expected a whole number of values ≥ 0, got ${n}`)
}

/**
 * Visits the first `n` words of 32 bits of a key's stream, in order, in chunks that are valid during the call only.
 * Word i is word i mod 4 of the Philox block with counter ⌊i / 4⌋, so it does not depend on `n`. The last chunk may be longer
 * than the rest of `n`: `count` is the number of its words to use. `start` is the index of the chunk's first word.
 */
export const eachChunk = (key: Key, n: number, visit: (chunk: Uint32Array, start: number, count: number) => void): void => {
  const [k0, k1, c2, c3] = keyWords(key)
  const chunk = new Uint32Array(Math.min(chunkWords, Math.ceil(n / 4) * 4))
  for (let start = 0; start < n; start += chunkWords) {
    const count = Math.min(chunkWords, n - start)
    for (let i = 0, block = start / 4; i < count; i += 4, block++) {
      philox(chunk, i, k0, k1, block, Math.floor(block / 2 ** 32), c2, c3)
    }
    visit(chunk, start, count)
  }
}
