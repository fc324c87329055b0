import { createHash } from "node:crypto"
import { Effect } from "effect"
import type { IssueCollector } from "../read-issues.ts"
import { doubles, wholeNumbers } from "./growing.ts"
import { kindOfValue, kindWithoutText } from "./members.ts"
import type { ParquetColumns } from "./parquet-columns.ts"
import type { ParquetFile, Row } from "./parquet-file.ts"
import { textOf, textsIn } from "./parquet-texts.ts"
import { loneSurrogate, textColumn } from "./text-column.ts"
import type { WantedSplits } from "./wanted-splits.ts"

/** Number of rows read at a time, of the columns without images. */
const rowsAtOnce = 16_384

/** The rows of Parquet files that are samples, without their images. */
export interface ParquetRows {
  readonly count: number
  readonly file: (index: number) => number
  readonly row: (index: number) => number
  readonly captions: (index: number) => readonly string[]
  /** The first sample of each row group of all files, and last the number of samples. */
  readonly groups: readonly number[]
  /** SHA-256 of the selection of rows and their captions. */
  readonly digest: string
  /** Number of rows examined. */
  readonly rows: number
  /** Number of those that have a caption. */
  readonly withText: number
}

/** Collector of the paths of images, for files that contain paths. */
export interface PathColumn {
  /** Returns the path in the value of the image column. */
  readonly of: (value: unknown) => unknown
  /** Returns the id of the image of a path in some file: the same for rows that refer to the same file. */
  readonly idOf: (file: number, path: string) => string
  readonly add: (id: string, captions: readonly string[]) => void
}

/**
 * Reads everything except the images of the rows of files: captions, and the selection of rows. Paths of images, where the image
 * column contains them, are passed to `paths`, and no row is kept. A value that cannot be used is an issue.
 */
export const parquetRows = Effect.fn("data.parquetRows")(function* (
  files: readonly ParquetFile[],
  columns: ParquetColumns,
  splits: WantedSplits,
  issues: IssueCollector,
  { paths, encoding }: { readonly paths?: PathColumn | undefined; readonly encoding?: string | undefined } = {}
) {
  const [fileOf, rowOf, owners] = [wholeNumbers(), doubles(), doubles()]
  const captions = textColumn()
  const state = createHash("sha256")
  const groups: number[] = []
  const wanted = [
    ...columns.captions,
    ...(columns.status ? ["status"] : []),
    ...(columns.split ? ["split"] : []),
    ...(paths ? [columns.image] : [])
  ]
  let read = 0
  let withText = 0
  const take = (file: number, number: number, row: Row): undefined => {
    const place = () => (files.length === 1 ? `row ${number}` : `${files[file]!.file}, row ${number}`)
    const faults: string[] = []
    const texts = columns.captions
      .flatMap((column) => textsIn(row[column], (fault) => faults.push(`${column} is ${fault}`), encoding))
      .filter((text) => text.trim() !== "")
    if (columns.status && textOf(row["status"]) !== "success") return issues.ignored("row whose status is not success", place())
    if (!splits.takes(columns.split ? textOf(row["split"]) : undefined)) return undefined
    read++
    if (faults.length > 0) issues.bad(faults[0]!, place())
    if (faults.length > 0 && texts.length === 0) return undefined
    const noText = () => {
      if (texts.length > 0) return undefined
      const [first] = columns.captions
      return issues.bad(`${first} is ${kindWithoutText(row[first!])}`, place())
    }
    withText += texts.length > 0 ? 1 : 0
    if (paths) {
      const value = paths.of(row[columns.image])
      const name = textOf(value)
      if (value instanceof Uint8Array && name === undefined) return issues.bad(`${columns.image} is not UTF-8`, place())
      if (name === undefined || name === "") return issues.bad(`${columns.image} is ${kindOfValue(name ?? value)}`, place())
      const id = paths.idOf(file, name)
      state.update(JSON.stringify([id, texts]))
      paths.add(id, texts)
      return noText()
    }
    fileOf.push(file)
    rowOf.push(number)
    state.update(JSON.stringify([file, number, texts]))
    for (const text of texts) captions.push(text)
    if (!texts.every((text) => text.isWellFormed())) issues.noted(`caption with a ${loneSurrogate}`, place())
    owners.push(captions.count())
    return noText()
  }
  for (const [number, file] of files.entries()) {
    for (let group = 0; group + 1 < file.groups.length; group++) {
      groups.push(fileOf.count())
      const last = file.groups[group + 1]!
      for (let from = file.groups[group]!; from < last; from += rowsAtOnce) {
        const rows = yield* file.rows(wanted, from, Math.min(last, from + rowsAtOnce))
        for (const [i, row] of rows.entries()) take(number, from + i, row)
      }
    }
  }
  const [fileAt, rowAt, until, text] = [fileOf.done(), rowOf.done(), owners.done(), captions.done()]
  return {
    count: fileAt.length,
    file: (index) => fileAt[index]!,
    row: (index) => rowAt[index]!,
    captions: (index) => {
      const from = index === 0 ? 0 : until[index - 1]!
      return Array.from({ length: until[index]! - from }, (_, i) => text.at(from + i))
    },
    groups: [...groups, fileAt.length],
    digest: state.digest("hex"),
    rows: read,
    withText
  } satisfies ParquetRows
})
