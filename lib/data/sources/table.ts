import { Effect } from "effect"
import { DataError } from "../data-error.ts"
import { readIssues } from "../read-issues.ts"
import { type DelimitedShape, delimitedRows } from "./delimited.ts"
import { listSource } from "./list-source.ts"
import { listing } from "./listing.ts"
import { checkOptions, type Location, optionParts } from "./location.ts"
import { readPieces } from "./read-bytes.ts"
import { type TableColumns, tableColumns } from "./table-columns.ts"
import { type WantedSplits, wantedSplits } from "./wanted-splits.ts"

/** Separators that a header may have, by what is left of ambiguity: a tab or a bar is seldom part of a name. */
const separators: Readonly<Record<string, string>> = { tab: "\t", comma: ",", semicolon: ";", bar: "|", space: " " }

/** The separator of a header line: the one that gives both columns, or else the most columns. */
const separatorOf = (line: string, location: Location): string => {
  const header = (separator: string) => line.split(separator).map((name) => name.trim().replace(/^"(.*)"$/, "$1"))
  const candidates = Object.values(separators).filter((each) => each !== " ")
  const fitting = candidates.find((separator) => typeof tableColumns(header(separator), location) !== "string")
  return fitting ?? candidates.sort((a, b) => header(b).length - header(a).length)[0]!
}

/** Captions of a field: one, or those of a JSON list, as tables of several captions a picture have them. */
const captionsIn = (field: string): readonly string[] => {
  if (!field.startsWith("[")) return [field.trim()]
  try {
    const value: unknown = JSON.parse(field)
    return Array.isArray(value) && value.every((each) => typeof each === "string") ? value : [field]
  } catch {
    return [field]
  }
}

const reader = (location: Location, shape: DelimitedShape, splits: WantedSplits) => {
  const all = listing()
  let columns: TableColumns | undefined
  let width = 0
  let rows = 0
  const issues = readIssues()
  const withoutHeader = [...optionParts(location, "picture"), ...optionParts(location, "caption")].every((name) =>
    /^\d+$/.test(name)
  )
  const take = (fields: readonly string[], line: number): string | undefined => {
    if (columns === undefined) {
      const found = tableColumns(
        fields.map((name) => name.trim()),
        location
      )
      if (typeof found === "string") return `line ${line}: ${found}`
      columns = found
      width = Math.max(found.picture, found.split ?? 0, ...found.captions) + 1
      if (!withoutHeader || !location.options.has("picture")) return undefined
    }
    rows++
    const picture = fields[columns.picture]?.trim() ?? ""
    if (fields.length < width) return void issues.bad(`fewer than ${width} fields`, `line ${line}`)
    if (picture === "") return void issues.bad("no picture", `line ${line}`)
    if (!splits.takes(columns.split === undefined ? undefined : fields[columns.split]!.trim())) return undefined
    const place = all.place(picture)
    for (const column of columns.captions) for (const text of captionsIn(fields[column]!)) all.caption(place, text)
    return undefined
  }
  const table = delimitedRows(shape, take)
  return { push: table.push, end: () => table.end() ?? issues.tooManyBad(rows, "rows"), issues, all }
}

/**
 * Reads a table with a header: CSV, TSV, or with `;` or `|`. Options: `picture`, `caption`, `separator` (tab, comma, semicolon, bar,
 * space), `split` (of a column `split`), `images`.
 */
export const table = Effect.fn("data.table")(function* (location: Location, firstLine: string) {
  yield* checkOptions(location, "a table", ["picture", "caption", "separator", "split", "images"])
  const named = location.options.get("separator")
  if (named !== undefined && !Object.hasOwn(separators, named)) {
    const problem = `separator=${named}: expected ${Object.keys(separators).join(", ")}`
    return yield* new DataError({ file: location.name, problem })
  }
  const separator = named === undefined ? separatorOf(firstLine, location) : separators[named]!
  const splits = wantedSplits(location)
  const rows = reader(location, { separator, quotes: true }, splits)
  const sha256 = yield* readPieces(location.path, rows.push)
  const problem = rows.end() ?? (rows.all.count() === 0 ? splits.nothing() : undefined)
  if (problem !== undefined) return yield* new DataError({ file: location.name, problem })
  const columns = [location.options.get("picture") ?? null, location.options.get("caption") ?? null]
  const made = ["table", sha256, separator, columns, splits.names]
  return yield* listSource({
    location,
    listing: rows.all.done(),
    made,
    candidates: [".", "images", "flickr30k-images", "Images"],
    issues: rows.issues.all()
  })
})
