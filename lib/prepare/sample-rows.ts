import { parquetWriteBuffer } from "hyparquet-writer"
import { keyOf, type Outcome, textsOf } from "./outcome.ts"

/** One sample's row, with the columns of img2dataset: `null` where a sample has none. */
export interface SampleRow {
  readonly key: string
  readonly id: string
  readonly status: Outcome["status"]
  readonly error_message: string | null
  readonly caption: string | null
  readonly width: number | null
  readonly height: number | null
  readonly original_width: number | null
  readonly original_height: number | null
  readonly sha256: string | null
}

/** Returns the row of an outcome. */
export const sampleRow = (outcome: Outcome): SampleRow => {
  const kept = outcome.status === "success" ? outcome : undefined
  const first = kept?.images[0]
  const original = outcome.status === "success" ? first?.original : outcome.original
  return {
    key: keyOf(outcome.index),
    id: outcome.id,
    status: outcome.status,
    error_message: outcome.status === "success" ? null : outcome.reason,
    caption: (kept && textsOf(kept)[0]) ?? null,
    width: first?.image.width ?? null,
    height: first?.image.height ?? null,
    original_width: original?.width ?? null,
    original_height: original?.height ?? null,
    sha256: first?.sha256 ?? (outcome.status === "success" ? null : (outcome.sha256 ?? null))
  }
}

const columns = [
  ["key", "STRING"],
  ["id", "STRING"],
  ["status", "STRING"],
  ["error_message", "STRING"],
  ["caption", "STRING"],
  ["width", "INT32"],
  ["height", "INT32"],
  ["original_width", "INT32"],
  ["original_height", "INT32"],
  ["sha256", "STRING"]
] as const satisfies ReadonlyArray<readonly [keyof SampleRow, "STRING" | "INT32"]>

/** Returns the rows as a Parquet file: a function of the rows. */
export const rowsParquet = (rows: readonly SampleRow[]): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      createdBy: "semmim",
      columnData: columns.map(([name, type]) => ({ name, type, nullable: true, data: rows.map((row) => row[name]) }))
    })
  )

/** Returns the rows as a JSON array, one row per line. */
export const rowsJson = (rows: readonly SampleRow[]): string => `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`
