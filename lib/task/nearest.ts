import { Effect } from "effect"

/** Rows of equal width, contiguous. */
export interface Rows {
  readonly data: Float32Array
  readonly width: number
}

/** The `k` candidates of each query, best first: `candidates[q·k + r]`, and the similarity of each. */
export interface Nearest {
  readonly k: number
  readonly candidates: Int32Array
  readonly similarities: Float64Array
}

/** Returns the number of rows. */
export const rowCount = ({ data, width }: Rows): number => data.length / width

/** True where candidate `a` at similarity `x` ranks before `b` at `y`: by similarity, then by index. */
const before = (x: number, a: number, y: number, b: number): boolean => x > y || (x === y && a < b)

/**
 * Keeps the best k of a row of similarities in order, by insertion into a sorted list: k is small, and few candidates are
 * inserted.
 */
const keepBest = (row: Float64Array, k: number, candidates: Int32Array, similarities: Float64Array, at: number): void => {
  let kept = 0
  for (let c = 0; c < row.length; c++) {
    const x = row[c]!
    if (kept === k && !before(x, c, similarities[at + k - 1]!, candidates[at + k - 1]!)) continue
    let place = kept === k ? k - 1 : kept++
    while (place > 0 && before(x, c, similarities[at + place - 1]!, candidates[at + place - 1]!)) {
      similarities[at + place] = similarities[at + place - 1]!
      candidates[at + place] = candidates[at + place - 1]!
      place--
    }
    similarities[at + place] = x
    candidates[at + place] = c
  }
}

const similaritiesOf = (query: Float32Array, candidates: Rows, row: Float64Array): void => {
  const { data, width } = candidates
  for (let c = 0; c < row.length; c++) {
    let sum = 0
    for (let i = 0, j = c * width; i < width; i++, j++) sum += query[i]! * data[j]!
    row[c] = sum
  }
}

const queriesPerTurn = 32

/**
 * Finds the `k` candidates nearest to each query by inner product (cosine similarity for unit rows), best first; ties are ordered
 * by index. `k` is limited to the number of candidates.
 *
 * Memory is k entries per query and one row of similarities, never queries × candidates. Yields to other fibers every 32 queries.
 */
export const nearest = Effect.fn("evaluate.nearest")(function* (queries: Rows, candidates: Rows, k: number) {
  const count = rowCount(queries)
  const kept = Math.min(k, rowCount(candidates))
  const found = { k: kept, candidates: new Int32Array(count * kept), similarities: new Float64Array(count * kept) }
  const row = new Float64Array(rowCount(candidates))
  for (let q = 0; q < count; q++) {
    similaritiesOf(queries.data.subarray(q * queries.width, (q + 1) * queries.width), candidates, row)
    keepBest(row, kept, found.candidates, found.similarities, q * kept)
    if (q % queriesPerTurn === queriesPerTurn - 1) yield* Effect.yieldNow
  }
  return found satisfies Nearest
})
