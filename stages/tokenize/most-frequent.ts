/** A binary heap of numbered items: the most frequent first, ties by the lower number. */
export interface MostFrequent {
  push(count: number, key: number): void
  /** Removes and returns the first item; `undefined` where none is left. */
  pop(): readonly [count: number, key: number] | undefined
}

export const mostFrequent = (): MostFrequent => {
  const heap: Array<readonly [count: number, key: number]> = []
  const before = (i: number, j: number) => {
    const [a, b] = [heap[i]!, heap[j]!]
    return a[0] > b[0] || (a[0] === b[0] && a[1] < b[1])
  }
  const swap = (i: number, j: number) => {
    const held = heap[i]!
    heap[i] = heap[j]!
    heap[j] = held
  }
  return {
    push: (count, key) => {
      let i = heap.push([count, key]) - 1
      for (let parent = (i - 1) >> 1; i > 0 && before(i, parent); parent = (i - 1) >> 1) {
        swap(i, parent)
        i = parent
      }
    },
    pop: () => {
      const top = heap[0]
      const last = heap.pop()
      if (heap.length === 0 || last === undefined) return top
      heap[0] = last
      for (let i = 0; ; ) {
        let next = i
        for (let child = 2 * i + 1; child <= 2 * i + 2; child++) if (child < heap.length && before(child, next)) next = child
        if (next === i) return top
        swap(i, next)
        i = next
      }
    }
  }
}
