import type { Nearest } from "../nearest.ts"

/** Candidates of each query in display order, `candidates[q·k + r]`, and the score that they are ordered by. */
export interface Ranking {
  readonly k: number
  readonly candidates: Int32Array
  readonly scores: Float64Array
}

/** Orders candidates by similarity alone. */
export const bySimilarity = ({ k, candidates, similarities }: Nearest): Ranking => ({ k, candidates, scores: similarities })

/**
 * Orders the same candidates by another score, best first; ties keep the order by similarity (the probabilities of a confident
 * model often tie, since they round to 1).
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

/**
 * Returns for each query the rank, from 1, of its best candidate of its own group; Infinity where none is among the candidates.
 */
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

/** Returns the percentage of queries whose rank is at most `k`; 0 without queries. */
export const recall = (ranks: Float64Array, k: number): number =>
  ranks.length === 0 ? 0 : (100 * ranks.reduce((hits, rank) => hits + (rank <= k ? 1 : 0), 0)) / ranks.length
