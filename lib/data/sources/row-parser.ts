/** Extensions of RFC 4180 for quoted fields. */
export interface QuoteDialect {
  /** True where `\"` in a quoted field is a quote, as programs that escape write it. */
  readonly backslash: boolean
  /** True where spaces may stand between a separator and a quote. */
  readonly spaces: boolean
}

export const plainQuotes: QuoteDialect = { backslash: false, spaces: false }

/** A row that is read line by line: several lines where a quoted field contains line ends. */
export interface RowParser {
  /** Reads the next line of the row, without its LF. */
  readonly take: (line: string) => void
  readonly fields: readonly string[]
  /** Start of each field in the row's first line. */
  readonly starts: readonly number[]
  /** True where a quoted field is not closed yet. */
  readonly open: () => boolean
  /** True where every closing quote was followed by a separator or the end of the line. */
  readonly clean: () => boolean
  /** Index in the last line of the quote that closes the field that was open at its start; −1 for none. */
  readonly closedAt: () => number
}

/** Returns the number of backslashes directly before a position. */
const backslashesBefore = (line: string, at: number): number => {
  let count = 0
  while (line[at - 1 - count] === "\\") count++
  return count
}

/**
 * Parses a row of separated fields: `"` at the start of a field quotes it, `""` in it is one quote, and the text after a closing
 * quote is kept unchanged. A CR at the end of a line outside quotes belongs to the end.
 */
export const rowParser = (separator: string, dialect: QuoteDialect = plainQuotes): RowParser => {
  const fields: string[] = []
  const starts: number[] = []
  let field = ""
  let quoted = false
  let clean = true
  let lines = 0
  let closedAt = -1
  const unescaped = (text: string) => (dialect.backslash ? text.replace(/\\(["\\])/g, "$1") : text)
  /** Returns the end of the quoted part that continues at `from`, or −1. */
  const closing = (line: string, from: number): number => {
    for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 1)) {
      if (dialect.backslash && backslashesBefore(line, at) % 2 === 1) continue
      if (line[at + 1] !== '"') return at
      at++
    }
    return -1
  }
  /**
   * Reads the quoted part from `from` on; returns the index at which the row continues, or −1 where the line ends within the
   * part.
   */
  const readQuoted = (line: string, from: number): number => {
    const end = closing(line, from)
    const part = line.slice(from, end < 0 ? line.length : end).replaceAll('""', '"')
    field += unescaped(part)
    quoted = end < 0
    if (quoted) return -1
    let next = end + 1
    if (dialect.spaces) while (line[next] === " ") next++
    const ended = next >= line.length || line[next] === separator || (line[next] === "\r" && next === line.length - 1)
    if (!ended) clean = false
    return ended ? next : end + 1
  }
  const take = (line: string): void => {
    lines++
    closedAt = -1
    let at = 0
    let inField = quoted
    if (quoted) {
      field += "\n"
      at = readQuoted(line, 0)
      if (at < 0) return
      closedAt = line.lastIndexOf('"', at - 1)
    }
    while (true) {
      if (!inField) {
        if (lines === 1) starts.push(at)
        const from = dialect.spaces ? at + /^ */.exec(line.slice(at))![0].length : at
        if (line[from] === '"') {
          at = readQuoted(line, from + 1)
          if (at < 0) return
        }
      }
      inField = false
      const next = line.indexOf(separator, at)
      field += next < 0 ? line.slice(at).replace(/\r$/, "") : line.slice(at, next)
      fields.push(field)
      field = ""
      if (next < 0) return
      at = next + 1
    }
  }
  return { take, fields, starts, open: () => quoted, clean: () => clean, closedAt: () => closedAt }
}
