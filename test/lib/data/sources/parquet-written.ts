import { Effect } from "effect"
import type { SchemaElement } from "hyparquet"
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer"
import { openSource } from "../../../../lib/data/open-source.ts"

/** Hugging Face's struct of an image, and a caption of some type. */
export const schema = (...caption: readonly SchemaElement[]): SchemaElement[] => [
  { name: "schema", num_children: 2 },
  { name: "image", num_children: 2, repetition_type: "OPTIONAL" },
  { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
  { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  ...caption
]

/** A column of texts. */
export const text: SchemaElement = { name: "caption", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" }

interface Image {
  readonly bytes: Uint8Array | null
  readonly path: string | null
}

/** A Parquet file of images and captions, with the statistics of its columns or without them. */
export const file = (
  images: readonly (Image | null)[],
  captions: readonly unknown[],
  caption: readonly SchemaElement[] = [text],
  statistics = true
) =>
  new Uint8Array(
    parquetWriteBuffer({
      schema: schema(...caption),
      statistics,
      columnData: [
        { name: "image", data: [...images] },
        { name: "caption", data: [...captions] }
      ]
    })
  )

/** A Parquet file of any columns. */
export const table = (...columnData: ColumnSource[]) => new Uint8Array(parquetWriteBuffer({ columnData }))

export const bytes = (content: string) => new TextEncoder().encode(content)
export const path = (name: string | null): Image => ({ bytes: null, path: name })

/** Samples of a source: id, content of the image and captions, or id and the reason why it has none. */
export const read = Effect.fnUntraced(function* (data: string) {
  const source = yield* openSource(data)
  return yield* Effect.forEach(
    Array.from({ length: source.count }, (_, i) => i),
    (index) =>
      Effect.match(source.sample(index), {
        onSuccess: ({ id, image, captions }) => [id, Buffer.from(image).toString(), ...captions],
        onFailure: ({ id, reason }) => [id, { reason: reason.split("(", 1)[0] }]
      })
  )
})

/** The same files in a folder. */
export const prefixed = (folder: string, files: { readonly [name: string]: string }) =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}${name}`, content]))
