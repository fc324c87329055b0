import { doubles } from "./growing.ts"

/** Note about a text that is not valid Unicode: half of a surrogate pair of UTF-16, as JSON can contain it (`"\\ud83d"`). */
export const loneSurrogate = "lone surrogate, read as U+FFFD"

/** The memory of a column: UTF-8, and the end of each text. Shared, not copied, when it is sent to another thread. */
export interface TextColumnData {
  readonly bytes: Uint8Array
  readonly ends: Float64Array
}

/** Texts packed as UTF-8 in one buffer: a million short ones take their bytes and 8 more each. */
export interface TextColumn {
  readonly count: number
  /** Returns text `index`; a lone surrogate in an added text is U+FFFD. */
  readonly at: (index: number) => string
  readonly data: TextColumnData
}

/** Returns the column in some memory, which may be of another thread. */
export const columnOf = (data: TextColumnData): TextColumn => {
  const { ends } = data
  const bytes = Buffer.from(data.bytes.buffer, data.bytes.byteOffset, data.bytes.length)
  return { count: ends.length, at: (index) => bytes.toString("utf8", index === 0 ? 0 : ends[index - 1], ends[index]), data }
}

/** Collects texts into a column. */
export const textColumn = () => {
  let bytes = Buffer.allocUnsafeSlow(1 << 16)
  let used = 0
  const ends = doubles()
  return {
    count: ends.count,
    /** Returns text `index` of those that were added, until the column is done. */
    at: (index: number): string => bytes.toString("utf8", index === 0 ? 0 : ends.at(index - 1), ends.at(index)),
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
      const exact = new Uint8Array(new SharedArrayBuffer(used))
      exact.set(bytes.subarray(0, used))
      bytes = Buffer.alloc(0) // A reference to the column may keep this variable alive too.
      return columnOf({ bytes: exact, ends: ends.done() })
    }
  }
}
