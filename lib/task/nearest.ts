import { Effect } from "effect"

/** Rows of equal width, one after the other. */
export interface Rows {
  readonly data: Float32Array
  readonly width: number
}

/** For each query its `k` candidates, best first: `candidates[q·k + r]`, and the similarity of each. */
export interface Nearest {
  readonly k: number
  readonly candidates: Int32Array
  readonly similarities: Float64Array
}

/** How many rows there are. */
export const rowCount = ({ data, width }: Rows): number => data.length / width

/** Whether candidate `a` at similarity `x` stands before `b` at `y`: by similarity, and by index where that is equal. */
const before = (x: number, a: number, y: number, b: number): boolean => x > y || (x === y && a < b)

/** Keeps the best k of a row of similarities, in order, by insertion into a sorted list: k is small, and few pass its end. */
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
 * The `k` candidates nearest to each query by inner product (the cosine, for unit rows), best first; where similarities are
 * equal the lower index stands first. `k` is cut to the number of candidates.
 *
 * Memory is k numbers a query and one row of similarities, never queries × candidates. Other fibers get a turn every 32 queries.
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
