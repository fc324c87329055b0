import type { Blocks } from "../../random/block-order.ts"
import type { Source } from "../source.ts"

type Blocked = Pick<Source, "blocks" | "count">

/** Returns the block starts of one round of a source: its own, or pieces of some length where it has none. */
const roundStarts = ({ blocks, count }: Blocked, piece: number): readonly number[] =>
  blocks ? Array.from(blocks.starts).slice(0, -1) : Array.from({ length: Math.ceil(count / piece) }, (_, i) => i * piece)

/**
 * Returns the blocks of a mixture, where one of its sources has blocks: those of each round of each part, and for sources without
 * any, pieces of the others' mean length, so that all parts are in every window. An incomplete last round is cut at the same
 * distances from its start.
 */
export const mixtureBlocks = (sources: readonly Blocked[], counts: readonly number[]): { readonly blocks?: Blocks } => {
  const own = sources.filter(({ blocks }) => blocks !== undefined)
  if (own.length === 0) return {}
  const number = own.reduce((sum, { blocks }) => sum + blocks!.starts.length - 1, 0)
  const piece = Math.max(1, Math.round(own.reduce((sum, { count }) => sum + count, 0) / number))
  const starts: number[] = []
  let first = 0
  sources.forEach((source, k) => {
    const count = counts[k]!
    const round = roundStarts(source, piece)
    for (let from = 0; from < count; from += source.count)
      for (const start of round) if (from + start < count) starts.push(first + from + start)
    first += count
  })
  // Each source has its share of a window's blocks, which must be no more than it can hold at a time.
  const windows = sources.flatMap(({ blocks, count }, k) =>
    blocks ? [(blocks.window * starts.length * count) / ((blocks.starts.length - 1) * counts[k]!)] : []
  )
  const window = Math.max(1, Math.floor(Math.min(...windows)))
  return { blocks: { starts: Float64Array.from([...starts, first]), window } }
}
