import { Effect } from "effect"
import { DataError } from "../data-error.ts"
import { delimitedRows } from "./delimited.ts"
import { listSource } from "./list-source.ts"
import { listing } from "./listing.ts"
import { checkOptions, type Location } from "./location.ts"
import { readPieces } from "./read-bytes.ts"

const reference = /^(.+)#\d+$/

/** Whether a text's first line is one of a token file: `NAME.jpg#0<TAB>caption`. */
export const isTokenLine = (line: string): boolean => /^[^\t]+#\d+\t/.test(line)

/** Reads the token file of Flickr30K and Flickr8K (`results_20130124.token`): a line a caption, `NAME.jpg#NUMBER<TAB>caption`. */
export const flickrTokens = Effect.fn("data.flickrTokens")(function* (location: Location) {
  yield* checkOptions(location, "a token file", ["images"])
  const all = listing()
  const rows = delimitedRows({ separator: "\t", quotes: false }, ([name = "", ...caption], line) => {
    const picture = reference.exec(name)?.[1]
    if (picture === undefined || caption.length === 0) return `line ${line}: expected NAME.jpg#NUMBER, a tab and a caption`
    all.caption(all.place(picture), caption.join("\t").trim())
    return undefined
  })
  const sha256 = yield* readPieces(location.path, rows.push)
  const problem = rows.end()
  if (problem !== undefined) return yield* new DataError({ file: location.name, problem })
  const candidates = [".", "images", "flickr30k-images", "flickr30k_images", "Images", "../flickr30k-images", "../images"]
  return yield* listSource({ location, listing: all.done(), made: ["flickr-tokens", sha256], candidates, issues: [] })
})
