import { mostFrequent } from "./most-frequent.ts"

/** Two adjacent pieces: their count in all words, and the words that have them (a word may have lost the pair since). */
interface Pair {
  readonly left: number
  readonly right: number
  count: number
  readonly words: number[]
}

/** Bound on the number of pieces, so that two ids fit in one safe integer. */
const limit = 2 ** 26

/**
 * Merges pairs of pieces greedily to shorten words: the most frequent pair each time (Sennrich et al., "Neural machine
 * translation of rare words with subword units", 2016), ties by the lower ids; pairs seen once are never merged.
 *
 * `words` are ids of pieces with counts. `merged(left, right)` returns the id of the joined piece, a new or an existing one.
 * Stops when `merged` returns `undefined`, or when no pair is left.
 */
export const mergePieces = (
  words: ReadonlyArray<{ readonly pieces: readonly number[]; readonly count: number }>,
  merged: (left: number, right: number) => number | undefined
): void => {
  const spelled = words.map(({ pieces }) => [...pieces])
  const pairs = new Map<number, Pair>()
  const heap = mostFrequent()
  // Pairs whose count exceeds that of their entries in the heap.
  const grown = new Set<number>()
  const change = (left: number, right: number, word: number, by: number) => {
    const key = left * limit + right
    let pair = pairs.get(key)
    if (pair === undefined) {
      pair = { left, right, count: 0, words: [] }
      pairs.set(key, pair)
    }
    pair.count += by
    if (by < 0) return
    grown.add(key)
    if (pair.words.at(-1) !== word) pair.words.push(word)
  }
  const settle = () => {
    for (const key of grown) {
      const { count } = pairs.get(key)!
      if (count > 1) heap.push(count, key)
    }
    grown.clear()
  }
  const mergeIn = (word: number, left: number, right: number, joined: number) => {
    const pieces = spelled[word]!
    const { count } = words[word]!
    let length = 0
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i]!
      if (piece !== left || pieces[i + 1] !== right) {
        pieces[length++] = piece
        continue
      }
      const previous = pieces[length - 1]
      const next = pieces[i + 2]
      if (length > 0) {
        change(previous!, left, word, -count)
        change(previous!, joined, word, count)
      }
      if (next !== undefined) {
        change(right, next, word, -count)
        change(joined, next, word, count)
      }
      pieces[length++] = joined
      i++
    }
    pieces.length = length
  }
  for (const [word, pieces] of spelled.entries()) {
    for (let i = 1; i < pieces.length; i++) change(pieces[i - 1]!, pieces[i]!, word, words[word]!.count)
  }
  settle()
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    const [count, key] = top
    const pair = pairs.get(key)
    if (pair === undefined || pair.count < 2) continue
    if (pair.count < count) {
      heap.push(pair.count, key)
      continue
    }
    const joined = merged(pair.left, pair.right)
    if (joined === undefined) return
    pairs.delete(key)
    for (const word of pair.words) mergeIn(word, pair.left, pair.right, joined)
    // Where both pieces are one (aaa), merging changes the pair's own count.
    pairs.delete(key)
    grown.delete(key)
    settle()
  }
}
