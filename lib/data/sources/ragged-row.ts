import { rowParser } from "./row-parser.ts"
import type { TableHead } from "./table-head.ts"
import { looksLikeImage } from "./table-head.ts"

/** A row adapted to the header's fields, and the way in which it was, where that is doubtful. */
export interface FittedRow {
  readonly fields: readonly string[]
  readonly doubt?: "joined" | "escaped-separators" | "row-name"
}

/** Returns the fields, joined where a backslash before the separator escapes it. */
const unescaped = (fields: readonly string[], separator: string): readonly string[] => {
  const joined: string[] = []
  let goesOn = false
  for (const field of fields) {
    if (goesOn) joined.push(`${joined.pop()!.slice(0, -1)}${separator}${field}`)
    else joined.push(field)
    goesOn = /(?:^|[^\\])(?:\\\\)*\\$/.test(field)
  }
  return joined
}

/** Returns the rest of a row from field `from` on, as written. */
const restOf = (fields: readonly string[], from: number, separator: string, text: string | undefined): string => {
  if (text === undefined || !text.includes('"')) return fields.slice(from).join(separator)
  const parser = rowParser(separator)
  parser.take(text)
  return text.slice(parser.starts[from]).replace(/\r$/, "")
}

/**
 * Adapts a row that has more fields than the header, where there is only one way: empty fields at its end have no meaning;
 * separators may be escaped by backslashes; every row may begin with a name that the header lacks; and where the last column is
 * the caption, the rest belongs to the caption, with separators that occur in prose (not a tab). `undefined` for all others.
 */
export const fitRow = (
  given: readonly string[],
  text: string | undefined,
  { header, columns, separator }: Pick<TableHead, "header" | "columns" | "separator">,
  rowNames: boolean
): FittedRow | undefined => {
  const width = header.length
  let count = given.length
  while (count > width && given[count - 1]!.trim() === "") count--
  const fields = count < given.length ? given.slice(0, count) : given
  if (count === width) return { fields }
  const joined = unescaped(fields, separator)
  if (joined.length === width) return { fields: joined, doubt: "escaped-separators" }
  if (rowNames && count === width + 1) return { fields: fields.slice(1), doubt: "row-name" }
  const [caption, ...others] = columns.captions
  if (caption !== width - 1 || others.length > 0 || separator === "\t") return undefined
  // A comma in an image's name would put the end of the name into the caption.
  if (!looksLikeImage(fields[columns.image]!) && fields.some(looksLikeImage)) return undefined
  return { fields: [...fields.slice(0, caption), restOf(given, caption, separator, text).trim()], doubt: "joined" }
}

/** True where a row begins with a name that the header lacks: the image is one field later than in the header. */
export const hasRowName = (fields: readonly string[], { header, columns }: Pick<TableHead, "header" | "columns">): boolean =>
  fields.length === header.length + 1 && !looksLikeImage(fields[columns.image]!) && looksLikeImage(fields[columns.image + 1]!)
