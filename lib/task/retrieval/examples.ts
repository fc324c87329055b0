import { Schema } from "effect"
import { derive, type Key } from "../../random/key.ts"
import { permutation } from "../../random/permutation.ts"
import type { Items } from "../items.ts"
import type { RankingName } from "./leading.ts"
import type { Ranking } from "./ranking.ts"
import type { Rankings } from "./retrieve.ts"

const Found = Schema.Struct({
  /** Id of its sample, from which the image is drawn again. */
  id: Schema.String,
  /** Null for an image. */
  text: Schema.NullOr(Schema.String),
  score: Schema.Finite,
  right: Schema.Boolean
})

/** One query and its results, best first. */
export const Example = Schema.Struct({
  query: Schema.Struct({ id: Schema.String, text: Schema.NullOr(Schema.String) }),
  found: Schema.Array(Found)
})
export type Example = typeof Example.Type

export const Examples = Schema.Struct({ textsOfImages: Schema.Array(Example), imagesOfTexts: Schema.Array(Example) })
export type Examples = typeof Examples.Type

interface Item {
  readonly id: string
  readonly group: number
  readonly text?: string
}

const shown = 5

const example = (ranking: Ranking, query: number, queries: readonly Item[], candidates: readonly Item[]): Example => {
  const { id, group, text = null } = queries[query]!
  const found = Array.from({ length: Math.min(shown, ranking.k) }, (_, r) => {
    const place = query * ranking.k + r
    const candidate = candidates[ranking.candidates[place]!]!
    const right = candidate.group === group
    return { id: candidate.id, text: candidate.text ?? null, score: ranking.scores[place]!, right }
  })
  return { query: { id, text }, found }
}

const some = (ranking: Ranking, queries: readonly Item[], candidates: readonly Item[], count: number, key: Key) => {
  const at = permutation(key, queries.length)
  const chosen = Array.from({ length: Math.min(count, queries.length) }, (_, i) => at(i)).sort((a, b) => a - b)
  return chosen.map((query) => example(ranking, query, queries, candidates))
}

/**
 * Returns the first five results of a ranking for `count` queries in each direction, chosen by a key independently of their
 * outcome.
 */
export const chooseExamples = (
  rankings: Rankings,
  items: Items,
  count: number,
  key: Key,
  ranking: RankingName = "re-ranked"
): Examples => {
  const order = ranking === "cosine" ? "dual" : "reranked"
  return {
    textsOfImages: some(rankings.texts[order], items.images, items.texts, count, derive(key, "images")),
    imagesOfTexts: some(rankings.images[order], items.texts, items.images, count, derive(key, "texts"))
  }
}
