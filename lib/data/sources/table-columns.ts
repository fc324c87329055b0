import { type Location, optionParts } from "./location.ts"

/** Known names of columns, in the order of the search; open_clip's come first. */
export const imageColumns: readonly string[] = [
  "filepath",
  "image",
  "image_path",
  "image_name",
  "file_name",
  "filename",
  "path",
  "picture",
  "url"
]
export const captionColumns: readonly string[] = [
  "title",
  "caption",
  "captions",
  "comment",
  "raw",
  "text",
  "sentence",
  "description"
]

/** Columns of the image, the captions and the split, from 0. */
export interface TableColumns {
  readonly image: number
  readonly captions: readonly number[]
  readonly split: number | undefined
}

const indexOf = (header: readonly string[], name: string): number => {
  const exact = header.indexOf(name)
  if (exact >= 0) return exact
  return header.findIndex((each) => each.toLowerCase() === name.toLowerCase())
}
const firstOf = (header: readonly string[], names: readonly string[]): number =>
  names.map((name) => indexOf(header, name)).find((at) => at >= 0) ?? -1

/**
 * Returns the names of a header, unless they look like a row of data: a table without a header begins with a caption, which must
 * not be in an error.
 */
export const shownColumns = (header: readonly string[]): string =>
  header.length > 12 || header.some((name) => name.length > 40 || name.trim().split(/\s+/).length > 2)
    ? `${header.length} columns`
    : header.join(", ")

/**
 * Returns the columns of a header that `?image=` and `?caption=` name (several by commas; numbers from 0 for a table without
 * header), or those of known names.
 */
export const tableColumns = (header: readonly string[], location: Location): TableColumns | string => {
  const named = { image: optionParts(location, "image"), caption: optionParts(location, "caption") }
  const isNumber = (name: string) => /^\d+$/.test(name)
  const place = (name: string) => (isNumber(name) ? Number(name) : indexOf(header, name))
  const missing = [...named.image, ...named.caption].find((name) => place(name) < 0 || place(name) >= header.length)
  if (missing !== undefined) return `no column '${missing}'; there is ${shownColumns(header)}`
  const image = named.image.length > 0 ? place(named.image[0]!) : firstOf(header, imageColumns)
  const known = firstOf(header, captionColumns)
  const captions = named.caption.length > 0 ? named.caption.map(place) : known < 0 ? [] : [known]
  if (image < 0 || captions.length === 0) {
    const lacks = [...(image < 0 ? ["image"] : []), ...(captions.length === 0 ? ["caption"] : [])]
    return `found ${shownColumns(header)}; name ${lacks.map((each) => `the ${each} column by ?${each}=NAME`).join(" and ")}`
  }
  const split = indexOf(header, "split")
  return { image, captions, split: split < 0 ? undefined : split }
}
