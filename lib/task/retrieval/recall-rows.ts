import { leadingSentences, type RankingName, type Recalls, rankingName } from "./leading.ts"
import type { Retrieval } from "./retrieve.ts"

/** The recalls of one ranking, and its name for people. */
export interface RecallRow {
  readonly ranking: RankingName
  readonly name: string
  readonly recalls: Recalls
}

/** How many were re-ranked: there may be fewer than a pipeline's candidates. */
const amongOf = ({ images, texts, leading }: Retrieval): number | undefined =>
  leading === undefined ? undefined : Math.min(leading.candidates, images, texts)

/** The rankings of a retrieval, the leading one first; cosine alone where no pairs are scored. */
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

/** Which ranking leads and why, and what else is to be said of it: sentences; none for evaluations of older versions. */
export const rankingSentences = (retrieval: Retrieval): readonly string[] =>
  retrieval.leading === undefined ? [] : leadingSentences(retrieval.leading, amongOf(retrieval))
