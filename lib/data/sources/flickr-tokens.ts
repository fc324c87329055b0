import { Effect } from "effect"
import { DataError } from "../data-error.ts"
import { readIssues } from "../read-issues.ts"
import { delimitedRows } from "./delimited.ts"
import { listSource } from "./list-source.ts"
import { listing } from "./listing.ts"
import { checkOptions, type Location } from "./location.ts"
import { readPieces } from "./read-bytes.ts"
import { utf8 } from "./text-encoding.ts"
import type { TextHead } from "./text-head.ts"

const reference = /^(.+)#\d+$/

/** True where a text's first line is one of a token file: `NAME.jpg#0<TAB>caption`. */
export const isTokenLine = (line: string): boolean => /^[^\t]+#\d+\t/.test(line)

/**
 * Reads the token file of Flickr30K and Flickr8K (`results_20130124.token`): one caption per line, `NAME.jpg#NUMBER<TAB>caption`.
 */
export const flickrTokens = Effect.fn("data.flickrTokens")(function* (location: Location, text: TextHead) {
  yield* checkOptions(location, "a token file", ["images", "encoding"])
  const all = listing()
  const issues = readIssues()
  let lines = 0
  const shape = { separator: "\t", quotes: false, encoding: text.encoding, lineEnd: text.lineEnd }
  const rows = delimitedRows(shape, ([name = "", ...caption], line, { fault }) => {
    const place = `line ${line}`
    lines++
    if (fault !== undefined) return issues.bad(`not ${text.encoding.toUpperCase()}`, `${place}, ${fault}`)
    const image = reference.exec(name)?.[1]
    if (image === undefined || caption.length === 0) return issues.bad("not NAME.jpg#NUMBER, a tab and a caption", place)
    if (!all.caption(all.place(image), caption.join("\t").trim())) issues.bad("no caption after the tab", place)
    return undefined
  })
  const sha256 = yield* readPieces(location.path, rows.push, text.gzip)
  const hint = issues.all()[0]?.reason.startsWith("not UTF")
    ? "name the file's encoding by ?encoding=, as ?encoding=windows-1252"
    : undefined
  const problem = rows.end() ?? issues.refusal({ entries: lines, used: all.captions(), noun: "lines", hint })
  if (problem !== undefined) return yield* new DataError({ file: location.name, problem })
  const candidates = [".", "images", "flickr30k-images", "flickr30k_images", "Images", "../flickr30k-images", "../images"]
  const made = ["flickr-tokens", sha256, ...(text.encoding === utf8 ? [] : [text.encoding])]
  return yield* listSource({ location, listing: all.done(), made, candidates, issues: issues.all() })
})
