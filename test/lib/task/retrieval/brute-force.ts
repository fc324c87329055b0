/** Retrieval as its definition says it, with whole matrices: what the real one is checked against. */
export interface Problem {
  readonly imageGroups: readonly number[]
  readonly textGroups: readonly number[]
  readonly imageRows: readonly (readonly number[])[]
  readonly textRows: readonly (readonly number[])[]
  /** score[image][text] */
  readonly score: readonly (readonly number[])[]
  readonly k: number
}

interface Candidate {
  readonly index: number
  readonly similarity: number
  readonly score: number
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0)

const rank = (candidates: readonly Candidate[], k: number, rerank: boolean, right: (index: number) => boolean): number => {
  const all = [...candidates].sort((a, b) => b.similarity - a.similarity || a.index - b.index).slice(0, k)
  if (rerank) all.sort((a, b) => b.score - a.score || b.similarity - a.similarity || a.index - b.index)
  const places = all.flatMap(({ index }, place) => (right(index) ? [place + 1] : []))
  return Math.min(Number.POSITIVE_INFINITY, ...places)
}

const percent = (ranks: readonly number[], k: number): number => (100 * ranks.filter((r) => r <= k).length) / ranks.length

/** All recalls of a problem. */
export const bruteForce = (problem: Problem) => {
  const { imageGroups, textGroups, imageRows, textRows, score } = problem
  const k = Math.max(10, problem.k)
  const order = (rerank: boolean) => {
    const text = imageGroups.map((group, i) => {
      const all = textRows.map((row, t) => ({ index: t, similarity: dot(imageRows[i]!, row), score: score[i]![t]! }))
      return rank(all, k, rerank, (t) => textGroups[t] === group)
    })
    const image = textGroups.map((group, t) => {
      const all = imageRows.map((row, i) => ({ index: i, similarity: dot(row, textRows[t]!), score: score[i]![t]! }))
      return rank(all, k, rerank, (i) => imageGroups[i] === group)
    })
    return {
      tr1: percent(text, 1),
      tr5: percent(text, 5),
      tr10: percent(text, 10),
      ir1: percent(image, 1),
      ir5: percent(image, 5),
      ir10: percent(image, 10)
    }
  }
  return { images: imageGroups.length, texts: textGroups.length, ...order(true), dual: order(false) }
}
