import { type BlockOrder, type Blocks, blockOrder } from "./block-order.ts"
import { derive, type Key } from "./key.ts"
import { permutation } from "./permutation.ts"

/** Place of a global sample index: its epoch, its position in the epoch, and the element of the set. */
export interface Place {
  readonly epoch: number
  readonly position: number
  readonly element: number
}

const epochOrder = (key: Key, n: number, epoch: number, blocks: Blocks | undefined): BlockOrder => {
  const own = derive(key, "order", epoch)
  if (blocks !== undefined) return blockOrder(own, blocks)
  return { at: permutation(own, n), windowOf: () => ({ start: 0, length: n }) }
}

/** Order of a set: the place of a global index, and the elements that are read at the same time. */
export interface Order {
  (index: number): Place
  /**
   * Returns the elements that are shuffled together with the one at a place: their count, and each by its number. All elements,
   * unless the order is by blocks.
   */
  readonly near: (place: Place) => { readonly count: number; readonly element: (number: number) => number }
}

/**
 * The endless order of samples of a set of `n`: global index g → epoch ⌊g / n⌋, position g mod n, and the element there under
 * that epoch's own permutation, or under its permutation by `blocks` where they are given.
 * A pure function of (key, n, blocks, g): batches depend neither on workers nor on the step at which a run resumed. Only the last
 * epoch's permutation is kept. Throws a `RangeError` if n is not from 1 to 2^40 or g is not a safe integer ≥ 0.
 */
export const order = (key: Key, n: number, blocks?: Blocks): Order => {
  let current = { epoch: 0, order: epochOrder(key, n, 0, blocks) }
  const inEpoch = (epoch: number) => {
    if (epoch !== current.epoch) current = { epoch, order: epochOrder(key, n, epoch, blocks) }
    return current.order
  }
  const place = (index: number): Place => {
    if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`order: expected an index ≥ 0, got ${index}`)
    const epoch = Math.floor(index / n)
    const position = index - epoch * n
    return { epoch, position, element: inEpoch(epoch).at(position) }
  }
  const near = ({ epoch, position }: Place) => {
    if (blocks === undefined) return { count: n, element: (number: number) => number }
    const { start, length } = inEpoch(epoch).windowOf(position)
    return { count: length, element: (number: number) => inEpoch(epoch).at(start + number) }
  }
  return Object.assign(place, { near })
}
