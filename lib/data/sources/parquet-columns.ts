import { type FileMetaData, parquetSchema, type SchemaTree } from "hyparquet"
import { type Location, optionParts } from "./location.ts"
import { hasTexts, typeOfColumn } from "./parquet-texts.ts"
import { captionColumns, imageColumns } from "./table-columns.ts"

/** Columns of a Parquet file by their use. */
export interface ParquetColumns {
  /**
   * The top-level column of images, and the kind of its values: bytes, a struct of bytes and path (as Hugging Face writes it), or
   * paths.
   */
  readonly image: string
  readonly imageKind: "bytes" | "struct" | "path"
  readonly captions: readonly string[]
  /** True where there is img2dataset's status of a row: rows that failed have no image. */
  readonly status: boolean
  readonly split: boolean
}

const bytesColumns: readonly string[] = ["image", "jpg", "jpeg", "png", "webp", "picture", "img", "image_bytes", "bytes"]

const isText = ({ element }: SchemaTree) =>
  element.type === "BYTE_ARRAY" && (element.converted_type === "UTF8" || element.logical_type?.type === "STRING")

const kindOf = (column: SchemaTree): ParquetColumns["imageKind"] | undefined => {
  if (column.children.length > 0) {
    const parts = column.children.map(({ element }) => element.name)
    const isImage = parts.includes("bytes") || parts.includes("path")
    return column.element.repetition_type !== "REPEATED" && isImage ? "struct" : undefined
  }
  if (column.element.type !== "BYTE_ARRAY") return undefined
  return isText(column) ? "path" : "bytes"
}

/**
 * Returns the columns of images and captions: those that `?image=` and `?caption=` name, or else those of known names; or a
 * message.
 */
export const parquetColumns = (metadata: FileMetaData, location: Location): ParquetColumns | string => {
  const { children } = parquetSchema(metadata)
  const names = children.map(({ element }) => element.name)
  const there = `there is ${names
    .slice(0, 20)
    .map((name) => name.slice(0, 40))
    .join(", ")}${names.length > 20 ? ", …" : ""}`
  const column = (name: string) => children.find(({ element }) => element.name === name)
  const named = { image: optionParts(location, "image"), caption: optionParts(location, "caption") }
  const missing = [...named.image, ...named.caption].find((name) => column(name) === undefined)
  if (missing !== undefined) return `no column '${missing}'; ${there}`

  const imagesKnown = named.image.length > 0 ? named.image.slice(0, 1) : [...bytesColumns, ...imageColumns]
  const kinds = imagesKnown.flatMap((name) => {
    const found = column(name)
    const kind = found && kindOf(found)
    return kind ? [{ name, kind }] : []
  })
  // Bytes before paths: a file with both has the paths for reference.
  const image = kinds.find(({ kind }) => kind !== "path") ?? kinds[0]
  const isTable = names.includes("key") && names.includes("status") && named.image.length === 0
  if (isTable && (image === undefined || image.name === "url"))
    return "img2dataset's table about images, without the images: name the folder, or the tar beside it"
  if (image === undefined) return `no column of images; ${there}: name it by ?image=`
  const captionsKnown = captionColumns.filter((name) => column(name))
  const captions = named.caption.length > 0 ? named.caption : captionsKnown.filter((name) => hasTexts(column(name)!)).slice(0, 1)
  const other = named.caption.find((name) => !hasTexts(column(name)!)) ?? (captions.length === 0 ? captionsKnown[0] : undefined)
  if (other !== undefined) {
    const texts = children
      .filter((each) => each !== column(image.name) && hasTexts(each))
      .map(({ element }) => element.name.slice(0, 40))
    const those =
      texts.length > 0 ? `texts are in ${texts.slice(0, 10).join(", ")}: name the column by ?caption=` : "no column has texts"
    return `column '${other}' holds ${typeOfColumn(column(other)!)} and no texts; ${those}`
  }
  if (captions.length === 0) return `no column of captions; ${there}: name it by ?caption=`
  const has = (name: string) => isTextColumn(column(name))
  return {
    image: image.name,
    imageKind: image.kind,
    captions,
    status: has("status"),
    split: has("split")
  }
}

const isTextColumn = (column: SchemaTree | undefined): boolean => column !== undefined && isText(column)
