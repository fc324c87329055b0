/** Numbers that are appended one by one to an array of whole numbers below 2^32, or of doubles. */
export interface Growing<A> {
  readonly count: () => number
  readonly push: (value: number) => void
  /** Returns number `index` of those that were appended. */
  readonly at: (index: number) => number
  /** Returns the numbers, in an array of exactly their length that threads can share; none can be appended afterwards. */
  readonly done: () => A
}

type Numbers = Uint32Array | Float64Array

interface Maker<A extends Numbers> {
  readonly BYTES_PER_ELEMENT: number
  new (length: number): A
  new (buffer: SharedArrayBuffer): A
}

/** Returns an array that threads can share. */
export const sharedNumbers = <A extends Numbers>(Make: Maker<A>, length: number): A =>
  new Make(new SharedArrayBuffer(length * Make.BYTES_PER_ELEMENT))

/**
 * A list that doubles its capacity when it is full: 4 or 8 bytes per number, where an array of a million objects would take
 * hundreds.
 */
const growing = <A extends Numbers>(Make: Maker<A>): Growing<A> => {
  let room = new Make(1024)
  let used = 0
  return {
    count: () => used,
    push: (value) => {
      if (used === room.length) {
        const larger = new Make(2 * room.length)
        larger.set(room)
        room = larger
      }
      room[used++] = value
    },
    at: (index) => room[index]!,
    done: () => {
      const exact = sharedNumbers(Make, used)
      exact.set(room.subarray(0, used))
      room = exact // Not another variable: a reference to the column keeps these alive too.
      return room
    }
  }
}

/** A growing list of whole numbers below 2^32. */
export const wholeNumbers = () => growing<Uint32Array>(Uint32Array)

/** A growing list of doubles. */
export const doubles = () => growing<Float64Array>(Float64Array)
