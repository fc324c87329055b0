import type { SchemaElement } from "hyparquet"
import { parquetWriteBuffer } from "hyparquet-writer"
import { type Rows, rowCount } from "./nearest.ts"

/** Origin of an embedding: its sample and group, never its text. */
export interface EmbeddingRow {
  readonly id: string
  readonly group: number
}

/** Rows of one side, with the embedding of each. */
export interface EmbeddedSide {
  readonly rows: readonly EmbeddingRow[]
  readonly embeddings: Rows
}

const required = "REQUIRED" as const

/** Columns as Arrow writes them: a list is a group that contains a repeated group of the element. */
const schema: SchemaElement[] = [
  { name: "root", num_children: 4 },
  { name: "kind", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: required },
  { name: "id", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: required },
  { name: "group", type: "INT32", repetition_type: required },
  { name: "embedding", num_children: 1, converted_type: "LIST", repetition_type: required },
  { name: "list", num_children: 1, repetition_type: "REPEATED" },
  { name: "element", type: "FLOAT", repetition_type: required }
]

const vectors = ({ data, width }: Rows): number[][] =>
  Array.from({ length: rowCount({ data, width }) }, (_, row) => [...data.subarray(row * width, (row + 1) * width)])

/**
 * Encodes embeddings as a Parquet file, images first: `kind` ("image" or "text"), `id`, `group`, and `embedding`, a list of
 * float32 of the model's embedding width. A pure function.
 */
export const embeddingsParquet = (sides: { readonly image: EmbeddedSide; readonly text: EmbeddedSide }): Uint8Array => {
  const both = (["image", "text"] as const).map((kind) => ({ kind, ...sides[kind] }))
  const column = <A>(of: (row: EmbeddingRow, kind: string) => A) =>
    both.flatMap(({ kind, rows }) => rows.map((row) => of(row, kind)))
  return new Uint8Array(
    parquetWriteBuffer({
      createdBy: "semmim",
      schema,
      columnData: [
        { name: "kind", data: column((_, kind) => kind) },
        { name: "id", data: column(({ id }) => id) },
        { name: "group", data: column(({ group }) => group) },
        { name: "embedding", data: both.flatMap(({ embeddings }) => vectors(embeddings)) }
      ]
    })
  )
}
