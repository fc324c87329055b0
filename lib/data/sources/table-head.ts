import { isUrl } from "./image-id.ts"
import type { Location } from "./location.ts"
import { optionParts } from "./location.ts"
import { rowParser } from "./row-parser.ts"
import { shownColumns, type TableColumns, tableColumns } from "./table-columns.ts"

/** Separators that a header may have, the least ambiguous first: a tab or a bar is seldom part of a name. */
export const separators: Readonly<Record<string, string>> = { tab: "\t", comma: ",", semicolon: ";", bar: "|", space: " " }

/** Beginning of a table. */
export interface TableHead {
  readonly separator: string
  /** Number of lines before the header, or before the first row where there is none. */
  readonly skipped: number
  /** The names of the columns; those of a table without a header are numbers. */
  readonly header: readonly string[]
  readonly columns: TableColumns
  /** True where the first line after those that are skipped is a header and not a row. */
  readonly hasHeader: boolean
  /** True where the absence of a header was detected from the lines. */
  readonly told: boolean
}

/** Maximum number of lines searched for a header. */
const searched = 20

const imageEnding = /\.(?:jpe?g|jfif|png|webp|gif|bmp|tiff?|avif|heic)$/i

/** True where a field looks like the name or the URL of an image. */
export const looksLikeImage = (field: string): boolean => {
  const text = field.trim()
  return (imageEnding.test(text) && text.length < 1024) || /^https?:\/\/\S+$/i.test(text)
}

/** Returns the cells of a line for a separator, trimmed. */
export const cells = (line: string, separator: string): readonly string[] => {
  const parser = rowParser(separator, { backslash: false, spaces: separator !== " " })
  parser.take(line)
  return (parser.open() ? line.split(separator) : parser.fields).map((cell) => cell.trim())
}

const isNumber = (name: string): boolean => /^\d+$/.test(name)

/** Returns the header in a line, by the first separator that gives both columns. */
const headerIn = (line: string, location: Location, tried: readonly string[]) => {
  for (const separator of tried) {
    const header = cells(line, separator)
    const columns = tableColumns(header, location)
    if (typeof columns !== "string") return { separator, header, columns }
  }
  return undefined
}

/**
 * Returns the head of a table without a header, of an image and a caption: detected where the first line and most of those after
 * it are such rows.
 */
const withoutHeader = (lines: readonly string[], skipped: number, tried: readonly string[]): TableHead | undefined => {
  for (const separator of tried) {
    const rows = lines.map((line) => cells(line, separator))
    const sides = rows[0]!.map(looksLikeImage)
    const image = sides.indexOf(true)
    if (rows[0]!.length !== 2 || image < 0 || sides[1 - image]) continue
    // A caption in the last column may have the separator in it.
    const isRow = (row: readonly string[]) =>
      looksLikeImage(row[image] ?? "") && (image === 0 ? row.length >= 2 : row.length === 2)
    // Some may be broken.
    if (rows.filter(isRow).length < 0.75 * rows.length) continue
    const columns = { image, captions: [1 - image], split: undefined }
    return { separator, skipped, header: ["0", "1"], columns, hasHeader: false, told: true }
  }
  return undefined
}

/**
 * Returns the columns of a table without a header: as many as all rows have, or else only those that are named, with the rest in
 * the last.
 */
const rowsOf = (
  lines: readonly string[],
  { separator, header }: Pick<TableHead, "separator" | "header">,
  named: readonly string[]
) => {
  const counts = new Set(lines.filter((line) => line.trim() !== "").map((line) => cells(line, separator).length))
  const count = counts.size === 1 ? header.length : Math.max(...named.map(Number)) + 1
  return { header: Array.from({ length: count }, (_, i) => String(i)) }
}

/** Returns the message about a first line that does not begin a table that can be read. */
const refusal = (line: string, number: number, location: Location, tried: readonly string[], asked: number): string => {
  const ways = tried.map((separator) => cells(line, separator))
  const widest = ways.reduce((best, each) => (each.length > best.length ? each : best), ways[0]!)
  if (widest.length < 2)
    return `line ${number}: no tab, comma, semicolon or bar in it, so no header of a table; expected one with an image column and a caption column, or ?image= and ?caption=`
  const image = widest.findIndex(looksLikeImage)
  if (image >= 0)
    return `line ${number} is a row and no header: its column ${image} of ${widest.length} is ${isUrl(widest[image]!) ? "a URL" : `'${widest[image]!.slice(0, 100)}'`}; number the columns from 0, as ?image=${image}&caption=${image === 0 ? 1 : 0}`
  if (asked === 0 && shownColumns(widest) !== widest.join(", "))
    return `line ${number} looks like a row and no header (${widest.length} columns): name the columns by ?image=NAME and ?caption=NAME, or number them from 0, as ?image=0&caption=1`
  const problem = tableColumns(widest, location)
  return `line ${number}: ${typeof problem === "string" ? problem : shownColumns(widest)}`
}

/**
 * Finds the head of a table in its first lines: the separator, and the columns of its header. Before it, `sep=;` as Excel writes
 * it, empty lines and comments (`#`) are skipped. Columns that are named by numbers have no header, nor has a table whose first
 * lines, except for a few, are an image's name and one more field. Returns a message for anything else.
 */
export const tableHead = (lines: readonly string[], location: Location): TableHead | string => {
  const named = location.options.get("separator")
  const excel = /^sep=(.)\r?$/i.exec(lines[0] ?? "")?.[1]
  const given = named === undefined ? excel : separators[named]
  const tried = given === undefined ? Object.values(separators).filter((each) => each !== " ") : [given]
  const isRemark = (line: string, i: number) => line.trim() === "" || line.startsWith("#") || (i === 0 && excel !== undefined)
  const asked = [...optionParts(location, "image"), ...optionParts(location, "caption")]
  const numbered = location.options.has("image") && asked.every(isNumber)
  const first = lines.findIndex((line, i) => !isRemark(line, i))
  if (first < 0) return "only comments and empty lines at its start"
  const some = lines.slice(0, searched)
  for (const [at, line] of some.entries()) {
    if (line.trim() === "") continue
    const found = headerIn(line, location, tried)
    if (found === undefined) continue
    // A first row with too few fields still is a row.
    if (numbered) return { ...found, ...rowsOf(some.slice(first), found, asked), skipped: first, hasHeader: false, told: false }
    if (at > first)
      return `line ${first + 1} is no header, but line ${at + 1} is (${shownColumns(found.header)}): remove what stands before it`
    return { ...found, skipped: at, hasHeader: true, told: false }
  }
  const rest = some.slice(first).filter((line) => line.trim() !== "")
  const headless = asked.length === 0 ? withoutHeader(rest, first, tried) : undefined
  return headless ?? refusal(lines[first]!, first + 1, location, tried, asked.length)
}
