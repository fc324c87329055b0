import { Effect } from "effect"
import type { NamedNumbers, Numbers } from "../../engine/engine.ts"
import { emptyLike } from "../../model/side.ts"
import { EvaluateError } from "../evaluate-error.ts"
import type { Nearest } from "../nearest.ts"
import type { Block, EncodedSide } from "../states.ts"

/** Scores pairs from rows of the image's and the text's states, aligned by index; returns one number per pair. */
export type Score<E> = (rows: NamedNumbers, pairs: number) => Effect.Effect<Float32Array, E>

/** Scores of some (image, text) pairs by key image · texts + text; keys are ascending. */
export interface PairScores {
  readonly keys: Float64Array
  readonly scores: Float32Array
}

/** Returns the first index whose key is not below `key`. */
const lowerBound = (keys: Float64Array, key: number): number => {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Returns the keys of all pairs that are candidates in either direction, without duplicates, in time linear in the number of
 * items.
 */
export const candidatePairs = (texts: number, textsOfImages: Nearest, imagesOfTexts: Nearest): Float64Array => {
  const keys = new Float64Array(textsOfImages.candidates.length + imagesOfTexts.candidates.length)
  let n = 0
  for (const [i, text] of textsOfImages.candidates.entries()) keys[n++] = Math.floor(i / textsOfImages.k) * texts + text
  for (const [i, image] of imagesOfTexts.candidates.entries()) keys[n++] = image * texts + Math.floor(i / imagesOfTexts.k)
  keys.sort()
  let unique = 0
  for (const [i, key] of keys.entries()) if (i === 0 || key !== keys[i - 1]) keys[unique++] = key
  return keys.slice(0, unique)
}

/** Returns the score of a pair, which must be among those scored. */
export const scoreOf = ({ keys, scores }: PairScores, key: number): number => scores[lowerBound(keys, key)]!

const gather = (block: Block, items: readonly number[]): NamedNumbers =>
  Object.fromEntries(
    Object.entries(block.states).map(([name, numbers]): [string, Numbers] => {
      const width = numbers.length / (block.end - block.start)
      const rows = emptyLike(numbers, width * items.length)
      for (const [row, item] of items.entries()) {
        const at = (item - block.start) * width
        rows.set(numbers.subarray(at, at + width), row * width)
      }
      return [name, rows]
    })
  )

/** Returns the indices of the pairs of a block of images with a block of texts. */
const placesIn = (
  keys: Float64Array,
  texts: number,
  images: { start: number; end: number },
  among: { start: number; end: number }
) => {
  const places: number[] = []
  for (let image = images.start; image < images.end; image++) {
    const end = lowerBound(keys, image * texts + among.end)
    for (let at = lowerBound(keys, image * texts + among.start); at < end; at++) places.push(at)
  }
  return places
}

/** Batches in flight: one is gathered while another runs. */
const atOnce = 2

/**
 * Scores pairs in batches of `batch`, block of images by block of texts, so that at most two blocks of states are in memory.
 * Fails with an `EvaluateError` for a score that is not finite, or with the errors of the encoders and of the scorer.
 */
export const scorePairs = Effect.fn("evaluate.scorePairs")(function* <E1, E2, E3>(
  keys: Float64Array,
  images: EncodedSide<E1>,
  texts: EncodedSide<E2>,
  textCount: number,
  score: Score<E3>,
  batch: number
) {
  const scores = new Float32Array(keys.length)
  for (const imageBlock of images.blocks) {
    const image = yield* imageBlock.load
    for (const textBlock of texts.blocks) {
      const places = placesIn(keys, textCount, imageBlock, textBlock)
      if (places.length === 0) continue
      const text = yield* textBlock.load
      const starts = Array.from({ length: Math.ceil(places.length / batch) }, (_, i) => i * batch)
      const scoreSome = Effect.fnUntraced(function* (start: number) {
        const some = places.slice(start, start + batch)
        const imageRows = gather(
          image,
          some.map((place) => Math.floor(keys[place]! / textCount))
        )
        const textRows = gather(
          text,
          some.map((place) => keys[place]! % textCount)
        )
        const made = yield* score({ ...imageRows, ...textRows }, some.length)
        for (const [i, place] of some.entries()) {
          if (!Number.isFinite(made[i])) {
            const pair = `image ${Math.floor(keys[place]! / textCount)} and text ${keys[place]! % textCount}`
            return yield* new EvaluateError({ task: "retrieval", reason: `the score of ${pair} is not finite` })
          }
          scores[place] = made[i]!
        }
      })
      yield* Effect.forEach(starts, scoreSome, { concurrency: atOnce, discard: true })
    }
  }
  return { keys, scores } satisfies PairScores
})
