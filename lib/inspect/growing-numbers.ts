/** A list of numbers that grows in one block of memory: 8 bytes per number. */
export const growingNumbers = (capacity = 1024) => {
  let kept = new Float64Array(capacity)
  let count = 0
  return {
    push: (number: number): void => {
      if (count === kept.length) {
        const larger = new Float64Array(2 * count)
        larger.set(kept)
        kept = larger
      }
      kept[count++] = number
    },
    /** Returns a copy of all numbers. */
    all: (): Float64Array => kept.slice(0, count)
  }
}
