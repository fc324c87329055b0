/** A field longer than this is refused, in characters: what an unclosed quote would otherwise make of a whole file. */
export const largestField = 16 * 2 ** 20

/** How a text is cut into rows and fields. */
export interface DelimitedShape {
  readonly separator: string
  /** Whether `"` at the start of a field quotes it, `""` in it being one quote (RFC 4180). */
  readonly quotes: boolean
}

/**
 * Reads rows of separated fields from a text in pieces of bytes; `each` gets a row's fields and the line it began on, from 1. Lines end
 * with LF or CRLF, a quoted field may have them inside, empty lines are passed over, a byte order mark is dropped, and bytes that are
 * no UTF-8 are U+FFFD. `push` and `end` give a sentence, once: that of `each`, or about a quote that is never closed.
 */
export const delimitedRows = (
  { separator, quotes }: DelimitedShape,
  each: (fields: readonly string[], line: number) => string | undefined
) => {
  const decoder = new TextDecoder("utf-8")
  let fields: string[] = []
  let field = ""
  /** `closing`: after a quote inside a quoted field, which ends it unless another follows. */
  let state: "start" | "plain" | "quoted" | "closing" = "start"
  /** Characters of the field that were inside quotes, which no end of a line is part of. */
  let quoted = 0
  let line = 1
  let rowLine = 1

  const endField = () => {
    fields.push(field)
    field = ""
    quoted = 0
    state = "start"
  }
  const endRow = (): string | undefined => {
    if (field.endsWith("\r") && field.length > quoted) field = field.slice(0, -1)
    const empty = fields.length === 0 && field === ""
    if (!empty) endField()
    const row = fields
    const at = rowLine
    fields = []
    field = ""
    state = "start"
    rowLine = line
    return empty ? undefined : each(row, at)
  }
  const take = (text: string): string | undefined => {
    let from = 0
    for (let i = 0; i < text.length; i++) {
      const c = text[i]!
      if (c === "\n") line++
      if (state === "quoted") {
        if (c !== '"') continue
        field += text.slice(from, i)
        from = i + 1
        quoted = field.length
        state = "closing"
        continue
      }
      if (state === "closing") {
        if (c === '"') {
          state = "quoted"
          from = i
          continue
        }
        // Anything after a closing quote is kept as it is, as spreadsheets do; a carriage return there belongs to the line's end.
        state = "plain"
      }
      if (c === separator || c === "\n") {
        field += text.slice(from, i)
        from = i + 1
        if (c === separator) endField()
        else {
          const problem = endRow()
          if (problem !== undefined) return problem
        }
      } else if (state === "start") {
        if (quotes && c === '"') {
          state = "quoted"
          from = i + 1
        } else state = "plain"
      }
    }
    // A closing quote has been taken already; `from` then is past it.
    field += text.slice(from)
    return field.length > largestField ? `line ${rowLine}: a field of more than ${largestField} characters` : undefined
  }
  return {
    push: (bytes: Uint8Array): string | undefined => take(decoder.decode(bytes, { stream: true })),
    end: (): string | undefined => {
      const problem = take(decoder.decode())
      if (problem !== undefined) return problem
      return state === "quoted" ? `line ${rowLine}: a quote that is never closed` : endRow()
    }
  }
}
