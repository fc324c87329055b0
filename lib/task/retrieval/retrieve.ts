import { Effect, Schema } from "effect"
import type { Side } from "../../model/side.ts"
import { EvaluateError } from "../evaluate-error.ts"
import { nearest } from "../nearest.ts"
import { encodeSide } from "../states.ts"
import { Leading, Recalls, recallFields } from "./leading.ts"
import { candidatePairs, type Score, scoreOf, scorePairs } from "./pair-scores.ts"
import { bySimilarity, type Ranking, ranks, recall, reranked } from "./ranking.ts"

/**
 * Recall in percent: `trK`, the share of images whose best own text is among the first K texts; `irK`, the share of texts whose
 * best own image is among the first K images. `dual` is the order by cosine similarity alone, without re-ranking; `leading` is
 * the ranking to report first (absent in evaluations of older versions).
 */
export const Retrieval = Schema.Struct({
  images: Schema.Int,
  texts: Schema.Int,
  ...recallFields,
  dual: Recalls,
  leading: Schema.optionalKey(Leading)
})
export type Retrieval = typeof Retrieval.Type

/** Settings of retrieval; `k` candidates are re-ranked (at least 10, so that recall at 10 is exact). */
export interface RetrieveSettings {
  readonly k: number
  /** Batch size of encoding items and of scoring pairs. */
  readonly batch: number
  /** Maximum bytes of encoded states that are kept; the rest is encoded again when needed. */
  readonly stateBytes: number
}

export const retrieveDefaults: RetrieveSettings = { k: 128, batch: 64, stateBytes: 2 * 2 ** 30 }

/** Both orders of each query's candidates, for reports. */
export interface Rankings {
  readonly texts: { readonly dual: Ranking; readonly reranked: Ranking }
  readonly images: { readonly dual: Ranking; readonly reranked: Ranking }
}

const measure = (textRanks: Float64Array, imageRanks: Float64Array) => ({
  tr1: recall(textRanks, 1),
  tr5: recall(textRanks, 5),
  tr10: recall(textRanks, 10),
  ir1: recall(imageRanks, 1),
  ir5: recall(imageRanks, 5),
  ir10: recall(imageRanks, 10)
})

/** Returns the number of re-ranked candidates for a requested `k`: at least the ten of R@10. */
export const candidatesOf = (k: number): number => Math.max(10, k)

/**
 * Image-text retrieval (method.md §8): encodes everything once, then re-ranks each image's `k` nearest texts and each text's `k`
 * nearest images by cosine similarity with `score`, in both directions; a pair that is a candidate in both is scored once. A text
 * is correct for an image where their groups are equal, so that all captions of an image, and duplicates, count; the rank is that
 * of the best correct candidate, and one beyond the `k` is a miss. Ties keep the order by cosine similarity, then by index.
 * Without a `score` both results are ordered by cosine similarity.
 *
 * Memory is linear in the number of items: k candidates each, and at most `stateBytes` of states. Fails with an `EvaluateError`
 * where there is nothing to retrieve or a number is not finite, or with the errors of the encoders and of the scorer.
 */
export const retrieve = Effect.fn("retrieval.retrieve")(function* <E1, E2, E3 = never>(
  images: Side<E1>,
  texts: Side<E2>,
  score: Score<E3> | undefined,
  settings: RetrieveSettings = retrieveDefaults
) {
  const counts = { images: images.groups.length, texts: texts.groups.length }
  if (counts.images === 0 || counts.texts === 0)
    return yield* new EvaluateError({ task: "retrieval", reason: `${counts.images} images and ${counts.texts} texts` })
  const k = candidatesOf(settings.k)
  const bytes = settings.stateBytes / 2
  const image = yield* encodeSide(images, "image", settings.batch, bytes)
  const text = yield* encodeSide(texts, "text", settings.batch, bytes)
  const textsOfImages = yield* nearest(image.embeddings, text.embeddings, k)
  const imagesOfTexts = yield* nearest(text.embeddings, image.embeddings, k)
  const dual = { texts: bySimilarity(textsOfImages), images: bySimilarity(imagesOfTexts) }
  const again = { ...dual }
  if (score) {
    const keys = candidatePairs(counts.texts, textsOfImages, imagesOfTexts)
    const scored = yield* scorePairs(keys, image, text, counts.texts, score, settings.batch)
    again.texts = reranked(textsOfImages, (query, found) => scoreOf(scored, query * counts.texts + found))
    again.images = reranked(imagesOfTexts, (query, found) => scoreOf(scored, found * counts.texts + query))
  }
  const measured = (order: { readonly texts: Ranking; readonly images: Ranking }) =>
    measure(ranks(order.texts, images.groups, texts.groups), ranks(order.images, texts.groups, images.groups))
  const metrics: Retrieval = { ...counts, ...measured(again), dual: measured(dual) }
  const rankings: Rankings = {
    texts: { dual: dual.texts, reranked: again.texts },
    images: { dual: dual.images, reranked: again.images }
  }
  return { metrics, rankings }
})
