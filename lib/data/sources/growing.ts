/** Numbers that are added one by one to an array of whole numbers below 2^32, or of doubles. */
export interface Growing<A> {
  readonly count: () => number
  readonly push: (value: number) => void
  /** Number `index` of those that were added. */
  readonly at: (index: number) => number
  /** The numbers, in an array that has no more room than they need; then none can be added. */
  readonly done: () => A
}

type Numbers = Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>

/** A list that doubles its room when it is full: 4 or 8 bytes a number, where an array of a million objects would take hundreds. */
export const growing = <A extends Numbers>(make: (length: number) => A): Growing<A> => {
  let room = make(1024)
  let used = 0
  return {
    count: () => used,
    push: (value) => {
      if (used === room.length) {
        const larger = make(2 * room.length)
        larger.set(room)
        room = larger
      }
      room[used++] = value
    },
    at: (index) => room[index]!,
    done: () => {
      room = room.slice(0, used) as A // Not another variable: who holds a column holds these too.
      return room
    }
  }
}

/** A growing list of whole numbers below 2^32. */
export const wholeNumbers = () => growing((length) => new Uint32Array(length))

/** A growing list of doubles. */
export const doubles = () => growing((length) => new Float64Array(length))
