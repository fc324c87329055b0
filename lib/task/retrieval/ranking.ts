import type { Nearest } from "../nearest.ts"

/** Each query's candidates in the order in which they are shown: `candidates[q·k + r]`, and what they were ordered by. */
export interface Ranking {
  readonly k: number
  readonly candidates: Int32Array
  readonly scores: Float64Array
}

/** Candidates in the order of their similarity alone. */
export const bySimilarity = ({ k, candidates, similarities }: Nearest): Ranking => ({ k, candidates, scores: similarities })

/**
 * The same candidates in the order of another score, best first; where scores are equal the order by similarity stays
 * (probabilities of a sure model are equal often, since they round to 1).
 */
export const reranked = ({ k, candidates }: Nearest, score: (query: number, candidate: number) => number): Ranking => {
  const ordered = new Int32Array(candidates.length)
  const scores = new Float64Array(candidates.length)
  for (let start = 0; start < candidates.length; start += k) {
    const query = start / k
    const row = Array.from(candidates.subarray(start, start + k), (candidate) => ({ candidate, score: score(query, candidate) }))
    row.sort((a, b) => b.score - a.score) // sort is stable
    for (const [r, found] of row.entries()) {
      ordered[start + r] = found.candidate
      scores[start + r] = found.score
    }
  }
  return { k, candidates: ordered, scores }
}

/** For each query the rank, from 1, of its best candidate of its own group; Infinity where none is among the candidates. */
export const ranks = (
  { k, candidates }: Ranking,
  queryGroups: ArrayLike<number>,
  candidateGroups: ArrayLike<number>
): Float64Array =>
  Float64Array.from(queryGroups, (group, query) => {
    const row = candidates.subarray(query * k, (query + 1) * k)
    const place = row.findIndex((candidate) => candidateGroups[candidate] === group)
    return place < 0 ? Number.POSITIVE_INFINITY : place + 1
  })

/** Percent of the queries whose rank is at most `k`; 0 where there is no query. */
export const recall = (ranks: Float64Array, k: number): number =>
  ranks.length === 0 ? 0 : (100 * ranks.reduce((hits, rank) => hits + (rank <= k ? 1 : 0), 0)) / ranks.length
