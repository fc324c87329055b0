import { Effect } from "effect"
import { DataError } from "../data-error.ts"
import { readIssues } from "../read-issues.ts"
import { delimitedRows, type EachRow } from "./delimited.ts"
import { listLiteral } from "./list-literal.ts"
import { listSource } from "./list-source.ts"
import { listing } from "./listing.ts"
import { checkOptions, type Location } from "./location.ts"
import { kindWithoutText } from "./members.ts"
import { fitRow, hasRowName } from "./ragged-row.ts"
import { readPieces } from "./read-bytes.ts"
import { looksLikeImage, separators, type TableHead, tableHead } from "./table-head.ts"
import type { TextHead } from "./text-head.ts"
import { type WantedSplits, wantedSplits } from "./wanted-splits.ts"

/** Reasons of rows that are read although they are doubtful. */
const doubts = {
  stray: "a quote that quotes nothing, taken as a character",
  escaped: "quotes escaped by backslashes",
  spaced: "quotes after spaces",
  lines: "a quoted field over several lines with separators in it",
  joined: "more fields than the header has, the rest joined to the caption",
  "escaped-separators": "separators escaped by backslashes",
  "row-name": "a first field that the header does not name, passed over"
} as const

/** Doubts about rows that do not change how they are read. */
const harmless: ReadonlySet<string> = new Set(["lines"])

/** True for lists in cells that were several captions in all versions. */
const isJsonList = (field: string): boolean => {
  try {
    const value: unknown = JSON.parse(field)
    return Array.isArray(value) && value.every((each) => typeof each === "string")
  } catch {
    return false
  }
}

const reader = (head: TableHead, text: TextHead, splits: WantedSplits) => {
  const { header, columns, separator, hasHeader, skipped } = head
  const all = listing()
  const issues = readIssues()
  const needed = Math.max(columns.image, columns.split ?? 0, ...columns.captions) + 1
  const named = (column: number) => (hasHeader ? header[column]! : `column ${column}`)
  const wide = hasHeader ? `more fields than the header's ${header.length}` : `more fields than the first row's ${header.length}`
  let rows = 0
  /** Number of rows that are read differently than before such doubts were detected. */
  let changed = 0
  let rowNames: boolean | undefined
  let endings: boolean | undefined
  const doubt = (kind: keyof typeof doubts, line: number) => {
    issues.noted(doubts[kind], `line ${line}`)
    if (!harmless.has(kind)) changed++
  }
  const take: EachRow = (given, line, facts, written) => {
    if (line <= skipped || (hasHeader && line === skipped + 1)) return undefined
    const place = () => `line ${line}`
    if (given[0]!.trim() === "" && given.every((field) => field.trim() === ""))
      return issues.ignored("row of empty fields", place())
    rows++
    if (facts.fault !== undefined) return issues.bad(`not ${text.encoding.toUpperCase()}`, `${place()}, ${facts.fault}`)
    rowNames ??= hasHeader && hasRowName(given, head)
    const fitted = given.length > header.length ? fitRow(given, written, head, rowNames) : { fields: given }
    if (fitted === undefined) return issues.bad(wide, place())
    const { fields } = fitted
    if (fields.length < needed) return issues.bad(`fewer than ${needed} fields`, place())
    const image = fields[columns.image]!.trim()
    if (image === "") return issues.bad(`${named(columns.image)} is empty`, place())
    endings ??= looksLikeImage(image)
    if (facts.doubt) doubt(facts.doubt, line)
    if (fitted.doubt) doubt(fitted.doubt, line)
    if (!splits.takes(columns.split === undefined ? undefined : fields[columns.split]!.trim())) return undefined
    const read = columns.captions.map((column) => {
      const field = fields[column]!.trim()
      const list = listLiteral(field)
      if (list !== undefined && !isJsonList(field)) changed++
      return { column, ...(list ?? { texts: [field], fault: undefined }) }
    })
    const wrong = read.find(({ fault }) => fault !== undefined)
    if (wrong) issues.bad(`${named(wrong.column)} is ${wrong.fault}`, place())
    if (wrong && read.every(({ texts }) => texts.length === 0)) return undefined
    const owner = all.place(image)
    const before = all.captions()
    const blank: number[] = []
    for (const { column, texts, fault } of read) {
      const kept = texts.filter((each) => all.caption(owner, each)).length
      if (kept === 0 && fault === undefined) blank.push(column)
    }
    if (all.captions() === before)
      return wrong ? undefined : issues.bad(`${named(blank[0]!)} is ${kindWithoutText(fields[blank[0]!])}`, place())
    for (const column of blank) issues.ignored(`${named(column)} is empty`, place())
    return undefined
  }
  const table = delimitedRows(
    {
      ...{ separator, quotes: true, encoding: text.encoding, lineEnd: text.lineEnd },
      width: () => header.length,
      isRow: (fields) =>
        fields.length === header.length && (looksLikeImage(fields[columns.image]!) || (endings === false && separator === "\t"))
    },
    take
  )
  const taken = [columns.image, ...columns.captions, ...(columns.split === undefined ? [] : [columns.split])]
  for (const column of hasHeader ? new Set(taken) : []) {
    const more = header.filter((name, at) => at !== column && name === header[column]).length
    if (more > 0) issues.noted(`column ${header[column]} given again, of which the first is read`, `line ${skipped + 1}`, more)
  }
  if (head.told)
    issues.noted(
      `no header: column ${columns.image} is read as the image, ${columns.captions[0]} as the caption`,
      `line ${skipped + 1}`
    )
  return { push: table.push, end: table.end, all, issues, rows: () => rows, changed: () => changed }
}

/** Returns advice on the most frequent problem of rows. */
const hintOf = (reason: string | undefined, separator: string): string | undefined => {
  if (reason?.startsWith("not ")) return "name the file's encoding by ?encoding=, as ?encoding=windows-1252"
  if (reason?.startsWith("more fields"))
    return separator === "\t"
      ? "give every column a name, or quote fields with a tab"
      : "quote fields that have the separator in them"
  return reason?.startsWith("fewer") ? "another separator is named by ?separator=" : undefined
}

/**
 * Reads a table with a header: CSV, TSV, or with `;` or `|`. Options: `image`, `caption`, `separator` (tab, comma, semicolon,
 * bar, space), `split` (of a column `split`), `images`, `encoding`.
 */
export const table = Effect.fn("data.table")(function* (location: Location, text: TextHead) {
  yield* checkOptions(location, "a table", ["image", "caption", "separator", "split", "images", "encoding"])
  const named = location.options.get("separator")
  const refuse = (problem: string) => new DataError({ file: location.name, problem })
  if (named !== undefined && !Object.hasOwn(separators, named))
    return yield* refuse(`separator=${named}: expected ${Object.keys(separators).join(", ")}`)
  const head = tableHead(text.lines, location)
  if (typeof head === "string") return yield* refuse(head)
  const splits = wantedSplits(location)
  const rows = reader(head, text, splits)
  const sha256 = yield* readPieces(location.path, rows.push, text.gzip)
  const { issues, all } = rows
  splits.tell(issues)
  const broken = rows.end()
  const hint = hintOf(issues.all()[0]?.reason, head.separator)
  const refusal = broken ?? issues.refusal({ entries: rows.rows(), used: all.captions() + splits.excluded(), noun: "rows", hint })
  if (refusal !== undefined) return yield* refuse(refusal)
  if (all.count() === 0) return yield* refuse(splits.nothing())
  const columns = [location.options.get("image") ?? null, location.options.get("caption") ?? null]
  const changed = [...(text.encoding === "utf-8" ? [] : [text.encoding]), ...(rows.changed() > 0 ? [rows.changed()] : [])]
  const made = ["table", sha256, head.separator, columns, splits.names, ...(changed.length > 0 ? [changed] : [])]
  return yield* listSource({
    location,
    listing: all.done(),
    made,
    candidates: [".", "images", "flickr30k-images", "Images"],
    issues: issues.all()
  })
})
