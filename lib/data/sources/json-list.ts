import { Effect } from "effect"
import { DataError } from "../data-error.ts"
import { type IssueCollector, readIssues } from "../read-issues.ts"
import { captionList } from "./caption-list.ts"
import { coco } from "./coco.ts"
import type { JsonFormat, ListReader } from "./json-format.ts"
import { type JsonItem, jsonItems } from "./json-items.ts"
import { jsonLines } from "./json-lines.ts"
import { karpathy } from "./karpathy.ts"
import { linesKind } from "./lines-kind.ts"
import { listSource } from "./list-source.ts"
import { checkOptions, type Location } from "./location.ts"
import { isObject } from "./members.ts"
import { readPieces } from "./read-bytes.ts"
import { utf8 } from "./text-encoding.ts"
import type { TextHead } from "./text-head.ts"
import type { LineReader } from "./text-lines.ts"
import { transcoded } from "./transcoded.ts"
import { visualGenome } from "./visual-genome.ts"
import { type WantedSplits, wantedSplits } from "./wanted-splits.ts"

/** The formats of lists in JSON: the first that recognises an item is the list's. */
export const jsonFormats: readonly JsonFormat[] = [captionList, visualGenome, karpathy, coco]

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return "a list"
  if (!isObject(value)) return `a ${value === null ? "null" : typeof value}`
  const names = Object.keys(value).slice(0, 6)
  return names.length === 0 ? "an empty object" : `an object of ${names.map((name) => name.slice(0, 40)).join(", ")}`
}

/** Describes the content of a text of no known format, in a few words. */
const found = ({ key, index, value }: JsonItem): string =>
  key === "" ? `a list whose first element is ${kindOf(value)}` : `${index < 0 ? key : `${key}[${index}]`}: ${kindOf(value)}`

const shapes = jsonFormats.map(({ shape, name }) => `${shape} (${name})`).join(" or ")

/** Maximum number of items of no known format kept until one is of a known format: an entry or two may be broken. */
const mostUntold = 100

/** Collects the items of a list, in the format of the first item that a format recognises. */
const collector = (location: Location, splits: WantedSplits, issues: IssueCollector, lines: boolean) => {
  let format: JsonFormat | undefined
  let reader: ListReader | undefined
  let first: JsonItem | undefined
  let told: JsonItem | undefined
  let untold: JsonItem[] = []
  let faults = 0
  const where = ({ key, index }: Pick<JsonItem, "key" | "index">) =>
    key !== "" ? `${key}[${index}]` : lines ? `line ${index + 1}` : `entry ${index}`
  const give = (item: JsonItem): void => {
    if (item.fault === undefined) {
      reader!.item(item)
      return
    }
    if (item.index < 0) return
    faults++
    const { reason, detail } = item.fault
    issues.bad(reason, detail === undefined ? where(item) : `${where(item)}, ${detail}`)
  }
  const take = (item: JsonItem): string | undefined => {
    if (reader === undefined) {
      format = item.fault === undefined ? jsonFormats.find(({ is }) => is(item, location)) : undefined
      if (format === undefined) {
        // Of an object's members, the last word before the end is the most informative.
        if (first === undefined || item.key !== "") first = item
        if (untold.length < mostUntold) untold.push(item)
        else if (item.key === "") return `${found(first)}; expected ${shapes}`
        return undefined
      }
      told = item
      reader = format.reader({ location, splits, issues, where })
      for (const each of untold) give(each)
      untold = []
    }
    give(item)
    return undefined
  }
  return { take, format: () => format, reader: () => reader, first: () => first, told: () => told, faults: () => faults }
}

/** Returns the message about a list in which no format was recognised. */
const unknownList = (first: JsonItem | undefined, lines: boolean): string => {
  if (first === undefined) return "an empty list"
  if (first.fault !== undefined)
    return `${lines ? "JSON lines" : "JSON"} whose first element is ${first.fault.reason}${first.fault.detail ? ` (${first.fault.detail})` : ""}`
  if (lines) return `JSON lines, the first ${kindOf(first.value)}; expected ${shapes}, an element a line`
  return first.key === "" ? `${found(first)}; expected ${shapes}` : `an object with ${found(first)}; expected ${shapes}`
}

/** Returns advice on the most frequent problem of entries. */
const hintOf = (reason: string | undefined, format: JsonFormat, told: unknown): string | undefined =>
  reason?.endsWith(" is missing") && format.options.includes("caption")
    ? `the first entry is ${kindOf(told)}; name its members by ?image=NAME and ?caption=NAME`
    : undefined

/**
 * Reads a list in JSON of any of the formats, detected by the first item that one recognises: one JSON text, or JSON lines, where
 * an object is followed by more, or where most of the first lines except the very first are JSON.
 */
export const jsonList = Effect.fn("data.jsonList")(function* (
  location: Location,
  { encoding, lineEnd, gzip, lines: head }: TextHead
) {
  const refuse = (problem: string) => new DataError({ file: location.name, problem })
  const read = Effect.fnUntraced(function* (lines: boolean) {
    const [splits, issues] = [wantedSplits(location), readIssues()]
    const all = collector(location, splits, issues, lines)
    const items = jsonItems(all.take)
    const reader: LineReader = lines ? jsonLines(encoding, all.take, lineEnd) : transcoded(encoding, items)
    const sha256 = yield* Effect.result(readPieces(location.path, reader.push, gzip))
    const problem = sha256._tag === "Failure" ? sha256.failure.problem : reader.end()
    return { ...all, splits, issues, problem, sha256, goesOn: items.goesOn() }
  })
  const whole = yield* read(false)
  const isOne = whole.problem === undefined && whole.format() === undefined && whole.first()?.key !== ""
  // JSON lines whose first is broken end there as one JSON text.
  const goesOn = whole.goesOn || (whole.problem !== undefined && linesKind(head) === "json")
  const lines = goesOn || (isOne && whole.first() !== undefined)
  // One object alone may be the one line of its file.
  const asLines = lines ? yield* read(true) : whole
  const { splits, issues, problem, sha256, ...list } = asLines.format() === undefined && !goesOn ? whole : asLines
  if (sha256._tag === "Failure") return yield* sha256.failure
  if (problem !== undefined) return yield* refuse(problem)
  const [format, reader] = [list.format(), list.reader()]
  if (format === undefined || reader === undefined) return yield* refuse(unknownList(list.first(), goesOn))
  yield* checkOptions(location, format.name, ["images", "encoding", ...format.options])
  const listing = reader.done()
  splits.tell(issues)
  const noun = goesOn ? "lines" : "entries"
  const entries = reader.entries() + list.faults()
  const refusal = issues.refusal({
    entries,
    used: listing.data.captions.ends.length + splits.excluded(),
    noun,
    hint: hintOf(issues.all()[0]?.reason, format, list.told()?.value)
  })
  if (refusal !== undefined) return yield* refuse(refusal)
  if (listing.images.count === 0) return yield* refuse(splits.nothing())
  const changed = [...(encoding === utf8 ? [] : [encoding]), ...(reader.changed?.() ? [reader.changed()] : [])]
  const made = [format.name, sha256.success, splits.names, ...(changed.length > 0 ? [changed] : [])]
  return yield* listSource({ location, listing, made, candidates: format.folders(location), issues: issues.all() })
})
