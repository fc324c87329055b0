import { derive, type Key } from "./key.ts"
import { permutation } from "./permutation.ts"

/** A set cut into runs of elements that are read together. */
export interface Blocks {
  /** First element of each block, ascending from 0, and last the number of elements. */
  readonly starts: ArrayLike<number>
  /** Number of blocks that are shuffled together. */
  readonly window: number
}

/** Returns the first number in [low, high) for which `above` is true, or `high`; `above` is monotonic. */
const firstWhere = (low: number, high: number, above: (at: number) => boolean): number => {
  let [from, to] = [low, high]
  while (from < to) {
    const middle = (from + to) >>> 1
    if (above(middle)) to = middle
    else from = middle + 1
  }
  return from
}

/** Returns the block of an element. */
export const blockOf = ({ starts }: Blocks, element: number): number =>
  firstWhere(1, starts.length, (block) => starts[block]! > element) - 1

/** One epoch's order of a set by blocks, and the window of each position. */
export interface BlockOrder {
  /** Returns the element at a position. */
  readonly at: (position: number) => number
  /** Returns the window of a position: its first position, and its length. */
  readonly windowOf: (position: number) => { readonly start: number; readonly length: number }
}

/**
 * Keyed permutation of the elements of blocks that touches `window` blocks at a time: the blocks are permuted, and then, for each
 * `window` consecutive blocks, all their elements. A pure function of key, blocks and position; it keeps two numbers a block.
 */
export const blockOrder = (key: Key, blocks: Blocks): BlockOrder => {
  const { starts, window } = blocks
  const count = starts.length - 1
  const shuffled = permutation(derive(key, "blocks"), count)
  const chosen = Float64Array.from({ length: count }, (_, place) => shuffled(place))
  const ends = new Float64Array(count + 1)
  for (let place = 0; place < count; place++) {
    const block = chosen[place]!
    ends[place + 1] = ends[place]! + starts[block + 1]! - starts[block]!
  }
  let current = { number: -1, start: 0, length: 0, first: 0, last: 0, mixed: (position: number) => position }
  const enter = (position: number) => {
    if (position < current.start || position >= current.start + current.length) {
      const place = firstWhere(1, count, (each) => ends[each]! > position) - 1
      const number = Math.floor(place / window)
      const [first, last] = [number * window, Math.min(count, (number + 1) * window)]
      const start = ends[first]!
      const length = ends[last]! - start
      current = { number, start, length, first, last, mixed: permutation(derive(key, "window", number), length) }
    }
    return current
  }
  return {
    at: (position) => {
      const { start, first, last, mixed } = enter(position)
      const place = start + mixed(position - start)
      const holder = firstWhere(first + 1, last, (each) => ends[each]! > place) - 1
      return starts[chosen[holder]!]! + place - ends[holder]!
    },
    windowOf: (position) => {
      const { start, length } = enter(position)
      return { start, length }
    }
  }
}
