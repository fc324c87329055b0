import { createHash } from "node:crypto"
import { Effect } from "effect"
import { DataError } from "../data-error.ts"
import { doubles, wholeNumbers } from "./growing.ts"
import type { ParquetColumns } from "./parquet-columns.ts"
import type { ParquetFile, Row } from "./parquet-file.ts"
import { textColumn } from "./text-column.ts"
import type { WantedSplits } from "./wanted-splits.ts"

/** Rows that are read at a time, of the columns without pictures. */
const rowsAtOnce = 16_384

const decoder = new TextDecoder()

/** A text of a column that may not say that it holds texts. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : value instanceof Uint8Array ? decoder.decode(value) : undefined

/** Captions in a value: a text, or texts in lists. */
const captionsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.flatMap(captionsIn) : [textOf(value)].filter((text) => text !== undefined)

/** The rows of parquet files that are samples, without their pictures. */
export interface ParquetRows {
  readonly count: number
  readonly file: (index: number) => number
  readonly row: (index: number) => number
  readonly captions: (index: number) => readonly string[]
  /** The first sample of each row group of all files, and last the number of samples. */
  readonly groups: readonly number[]
  /** SHA-256 of which rows there are and their captions. */
  readonly digest: string
}

/**
 * Reads all but the pictures of the rows of files: captions, and which rows are wanted. Paths of pictures, where they are what the
 * picture column has, are handed to `path`, and no row is kept.
 */
export const parquetRows = Effect.fn("data.parquetRows")(function* (
  files: readonly ParquetFile[],
  columns: ParquetColumns,
  splits: WantedSplits,
  path?: (path: string, captions: readonly string[]) => void
) {
  const [fileOf, rowOf, owners] = [wholeNumbers(), doubles(), doubles()]
  const captions = textColumn()
  const state = createHash("sha256")
  const groups: number[] = []
  const wanted = [
    ...columns.captions,
    ...(columns.status ? ["status"] : []),
    ...(columns.split ? ["split"] : []),
    ...(path ? [columns.picture] : [])
  ]
  const take = (file: number, number: number, row: Row): string | undefined => {
    const texts = columns.captions.flatMap((column) => captionsIn(row[column])).filter((text) => text.trim() !== "")
    if (columns.status && textOf(row["status"]) !== "success") return undefined
    if (!splits.takes(columns.split ? textOf(row["split"]) : undefined)) return undefined
    if (path) {
      const name = textOf(row[columns.picture])
      if (name === undefined || name === "") return `row ${number}: no ${columns.picture}`
      state.update(JSON.stringify([name, texts]))
      path(name, texts)
      return undefined
    }
    fileOf.push(file)
    rowOf.push(number)
    state.update(JSON.stringify([file, number, texts]))
    for (const text of texts) captions.push(text)
    owners.push(captions.count())
    return undefined
  }
  for (const [number, file] of files.entries()) {
    for (let group = 0; group + 1 < file.groups.length; group++) {
      groups.push(fileOf.count())
      const last = file.groups[group + 1]!
      for (let from = file.groups[group]!; from < last; from += rowsAtOnce) {
        const rows = yield* file.rows(wanted, from, Math.min(last, from + rowsAtOnce))
        for (const [i, row] of rows.entries()) {
          const problem = take(number, from + i, row)
          if (problem !== undefined) return yield* new DataError({ file: file.file, problem })
        }
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
    digest: state.digest("hex")
  } satisfies ParquetRows
})
