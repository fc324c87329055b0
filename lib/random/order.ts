import { derive, type Key } from "./key.ts"
import { permutation } from "./permutation.ts"

/** Where the sample with some global index stands: its epoch, its position in it, and which element of the set it is. */
export interface Place {
  readonly epoch: number
  readonly position: number
  readonly element: number
}

/**
 * The endless order of samples of a set of `n`: global index g → epoch ⌊g / n⌋, position g mod n, and the element there under
 * that epoch's own permutation.
 *
 * A pure function of (key, n, g): batches depend neither on workers nor on where a run resumed. Only the last epoch's
 * permutation is kept. Throws a `RangeError` if n is not from 1 to 2^40 or g is not a safe integer ≥ 0.
 */
export const order = (key: Key, n: number): ((index: number) => Place) => {
  let current = { epoch: 0, at: permutation(derive(key, "order", 0), n) }
  return (index) => {
    if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`order: expected an index ≥ 0, got ${index}`)
    const epoch = Math.floor(index / n)
    const position = index - epoch * n
    if (epoch !== current.epoch) current = { epoch, at: permutation(derive(key, "order", epoch), n) }
    return { epoch, position, element: current.at(position) }
  }
}
