import { Effect } from "effect"
import type { Field, Fields } from "../../tensor/field.ts"
import { DataError } from "../data-error.ts"
import { readIssues } from "../read-issues.ts"
import { delimitedRows } from "../sources/delimited.ts"
import { checkOptions, type Location } from "../sources/location.ts"
import { readPieces } from "../sources/read-bytes.ts"
import { cells, separators } from "../sources/table-head.ts"
import type { TextHead } from "../sources/text-head.ts"
import { wantedSplits } from "../sources/wanted-splits.ts"
import { membersOf } from "./record-members.ts"
import { recordRows } from "./record-rows.ts"
import { recordSource } from "./record-source.ts"

/** Header of a table of records. */
export interface RecordHead {
  readonly separator: string
  readonly header: readonly string[]
  /** The column of each field. */
  readonly columns: ReadonlyMap<string, number>
  readonly split: number
}

/**
 * Returns the header in a table's first line, by the first separator that gives a column for every field; or a message about what
 * is missing.
 */
export const recordHead = (fields: Fields, location: Location, { lines }: TextHead): RecordHead | string => {
  const named = separators[location.options.get("separator") ?? ""]
  const tried = named === undefined ? Object.values(separators).filter((each) => each !== " ") : [named]
  let problem = "an empty table"
  let widest = 0
  for (const separator of tried) {
    const header = cells(lines[0] ?? "", separator)
    const members = membersOf(fields, location, header)
    if (typeof members !== "string") {
      const columns = new Map([...members].map(([field, name]) => [field, header.indexOf(name)]))
      return { separator, header, columns, split: header.indexOf("split") }
    }
    if (header.length > widest) [problem, widest] = [members, header.length]
  }
  return problem
}

/** Returns the value of a cell: JSON where it begins as a list or an object does, for fields other than plain text. */
const cellValue = (field: Field, cell: string): unknown => {
  const text = cell.trim()
  if ("value" in field && (field.value === "string" || field.value === "bytes")) return text
  if (text === "") return undefined
  const isJson = /^[[{]/.test(text) || "dtype" in field || !("value" in field && field.value === "strings")
  try {
    return isJson ? JSON.parse(text) : text
  } catch {
    return text
  }
}

/**
 * Reads a table whose header names a column for each field. Options: `?FIELD=COLUMN`, `separator`, `split`, `images`, `encoding`.
 */
export const recordTable = Effect.fn("data.recordTable")(function* (
  location: Location,
  fields: Fields,
  text: TextHead,
  head: RecordHead
) {
  yield* checkOptions(location, "a table", ["separator", "split", "images", "encoding", ...Object.keys(fields)])
  const [splits, issues, all] = [wantedSplits(location), readIssues(), recordRows(fields)]
  const { separator, header, columns, split } = head
  const needed = Math.max(...columns.values(), split) + 1
  let rows = 0
  const table = delimitedRows(
    { separator, quotes: true, encoding: text.encoding, lineEnd: text.lineEnd, width: () => header.length },
    (cellsOfRow, line, { fault }) => {
      if (line === 1 || cellsOfRow.every((cell) => cell.trim() === "")) return undefined
      rows++
      if (fault !== undefined) return issues.bad(`not ${text.encoding.toUpperCase()}`, `line ${line}, ${fault}`)
      if (cellsOfRow.length < needed) return issues.bad(`fewer than ${needed} fields`, `line ${line}`)
      if (cellsOfRow.length > header.length) return issues.bad(`more fields than the header's ${header.length}`, `line ${line}`)
      if (!splits.takes(split < 0 ? undefined : cellsOfRow[split]!.trim())) return undefined
      const wrong = all.add((field) => cellValue(fields[field]!, cellsOfRow[columns.get(field)!]!), String(line))
      return wrong === undefined ? undefined : issues.bad(wrong, `line ${line}`)
    }
  )
  const sha256 = yield* readPieces(location.path, table.push, text.gzip)
  splits.tell(issues)
  const broken = table.end()
  const refusal = broken ?? issues.refusal({ entries: rows, used: all.count() + splits.excluded(), noun: "rows" })
  if (refusal !== undefined) return yield* new DataError({ file: location.name, problem: refusal })
  if (all.count() === 0) return yield* new DataError({ file: location.name, problem: splits.nothing() })
  const made = ["table", sha256, separator, [...columns], splits.names, text.encoding]
  return yield* recordSource({ location, fields, ...all.done(), made, issues: issues.all(), candidates: [".", "images"] })
})
