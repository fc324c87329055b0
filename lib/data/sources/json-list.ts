import { Effect } from "effect"
import { DataError } from "../data-error.ts"
import { captionList } from "./caption-list.ts"
import { coco } from "./coco.ts"
import type { JsonFormat, ListReader } from "./json-format.ts"
import { type JsonItem, jsonItems } from "./json-items.ts"
import { karpathy } from "./karpathy.ts"
import { listSource } from "./list-source.ts"
import { checkOptions, type Location } from "./location.ts"
import { readPieces } from "./read-bytes.ts"
import { visualGenome } from "./visual-genome.ts"
import { wantedSplits } from "./wanted-splits.ts"

/** The formats of lists in JSON: the first that knows an item is the list's. */
export const jsonFormats: readonly JsonFormat[] = [captionList, visualGenome, karpathy, coco]

const kindOf = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return `a ${value === null ? "null" : typeof value}`
  if (Array.isArray(value)) return "a list"
  const names = Object.keys(value).slice(0, 6)
  return names.length === 0 ? "an empty object" : `an object of ${names.map((name) => name.slice(0, 40)).join(", ")}`
}

/** What stands in a text of no known format, in a few words. */
const found = ({ key, index, value }: JsonItem): string =>
  key === "" ? `a list whose first element is ${kindOf(value)}` : `${index < 0 ? key : `${key}[${index}]`}: ${kindOf(value)}`

const shapes = jsonFormats.map(({ shape, name }) => `${shape} (${name})`).join(" or ")

/** Reads a list in JSON of any of the formats, told by its first telling item. */
export const jsonList = Effect.fn("data.jsonList")(function* (location: Location) {
  const splits = wantedSplits(location)
  let format: JsonFormat | undefined
  let reader: ListReader | undefined
  let first: JsonItem | undefined
  const take = (item: JsonItem): string | undefined => {
    if (reader === undefined) {
      // Of an object's members, the last word before the end tells most.
      first = item
      format = jsonFormats.find(({ is }) => is(item))
      if (format === undefined) return item.key === "" ? `${found(item)}; expected ${shapes}` : undefined
      reader = format.reader(splits)
    }
    return reader.item(item)
  }
  const items = jsonItems(take)
  const sha256 = yield* readPieces(location.path, items.push)
  const broken = items.end()
  if (broken !== undefined) return yield* new DataError({ file: location.name, problem: broken })
  if (format === undefined || reader === undefined) {
    const problem = first === undefined ? "an empty list" : `an object with ${found(first)}; expected ${shapes}`
    return yield* new DataError({ file: location.name, problem })
  }
  yield* checkOptions(location, format.name, ["images", ...format.options])
  const listing = reader.done()
  if (typeof listing === "string") return yield* new DataError({ file: location.name, problem: listing })
  const made = [format.name, sha256, splits.names]
  return yield* listSource({ location, listing, made, candidates: format.folders(location), issues: [] })
})
