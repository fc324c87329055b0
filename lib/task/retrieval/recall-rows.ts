import { leadingSentences, type RankingName, type Recalls, rankingName } from "./leading.ts"
import type { Retrieval } from "./retrieve.ts"

/** Recalls of one ranking, and its display name. */
export interface RecallRow {
  readonly ranking: RankingName
  readonly name: string
  readonly recalls: Recalls
}

/** Returns the number of re-ranked candidates, which may be less than the pipeline's setting. */
const amongOf = ({ images, texts, leading }: Retrieval): number | undefined =>
  leading === undefined ? undefined : Math.min(leading.candidates, images, texts)

/** Returns the rankings of a retrieval, the leading one first; cosine similarity alone where no pairs are scored. */
export const recallRows = (retrieval: Retrieval): readonly RecallRow[] => {
  const { leading, dual, ...reranked } = retrieval
  const among = amongOf(retrieval)
  const name = among === undefined ? "re-ranked" : rankingName("re-ranked", among)
  const rows: readonly RecallRow[] = [
    ...(among === 0 ? [] : [{ ranking: "re-ranked", name, recalls: reranked } as const]),
    { ranking: "cosine", name: rankingName("cosine", 0), recalls: dual }
  ]
  return leading?.ranking === "cosine" ? rows.toReversed() : rows
}

/** Sentences on the leading ranking and the reason for it, with further notes; none for evaluations of older versions. */
export const rankingSentences = (retrieval: Retrieval): readonly string[] =>
  retrieval.leading === undefined ? [] : leadingSentences(retrieval.leading, amongOf(retrieval))
