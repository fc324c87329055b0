import { doubles } from "./growing.ts"

/** Texts packed as UTF-8 in one buffer: a million short ones take their bytes and 8 more each. */
export interface TextColumn {
  readonly count: number
  /** Text `index`; a lone surrogate of what was added is U+FFFD. */
  readonly at: (index: number) => string
}

/** Collects texts into a column. */
export const textColumn = () => {
  let bytes = Buffer.allocUnsafeSlow(1 << 16)
  let used = 0
  const ends = doubles()
  const at = (index: number): string => bytes.toString("utf8", index === 0 ? 0 : ends.at(index - 1), ends.at(index))
  return {
    count: ends.count,
    /** Text `index` of those that were added. */
    at,
    push: (text: string): void => {
      // UTF-8 takes at most three bytes for a UTF-16 unit.
      const most = used + 3 * text.length
      if (most > bytes.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(most, 2 * bytes.length))
        bytes.copy(larger, 0, 0, used)
        bytes = larger
      }
      used += bytes.write(text, used, "utf8")
      ends.push(used)
    },
    done: (): TextColumn => {
      const exact = Buffer.allocUnsafeSlow(used)
      bytes.copy(exact, 0, 0, used)
      bytes = exact // Not another variable: the column's functions hold this one, which would be twice the memory.
      ends.done()
      return { count: ends.count(), at }
    }
  }
}
