import { Effect, FileSystem, Path } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { sampleKinds } from "../../pipeline/sample-kinds.ts"
import { arePairs, pairValues } from "../../pipeline/samples.ts"
import type { Fields } from "../../tensor/field.ts"
import { DataError } from "../data-error.ts"
import { openRecords } from "../records/open-records.ts"
import { isRemote, openByteStore } from "../shards/byte-store.ts"
import { openShardSet } from "../shards/open-shard-set.ts"
import { jsonDigest, type Source, typedSource } from "../source.ts"
import { expandBraces, hasBraces } from "./braces.ts"
import { flickrTokens, isTokenLine } from "./flickr-tokens.ts"
import { jsonList } from "./json-list.ts"
import { linesKind } from "./lines-kind.ts"
import { listSource } from "./list-source.ts"
import { listingOf } from "./listing.ts"
import { checkOptions, type Location, parseLocation } from "./location.ts"
import { openFolder, openPrefix } from "./open-folder.ts"
import { parquet } from "./parquet.ts"
import { ReadLists } from "./read-lists.ts"
import { sniffFile } from "./sniff-file.ts"
import { table } from "./table.ts"
import { tableHead } from "./table-head.ts"
import { webDataset } from "./web-dataset.ts"

const expected = "expected a list (JSON, CSV, TSV), a tar, parquet, or a folder"

/** Opens a file according to its first bytes. */
const openFile = Effect.fnUntraced(function* (location: Location) {
  const { kind, text, isShardSet } = yield* sniffFile(location)
  if (typeof kind === "object") return yield* new DataError({ file: location.name, problem: `${kind.other}; ${expected}` })
  if (kind === "tar") return yield* webDataset(location, [location.path], openByteStore())
  if (kind === "parquet") return yield* parquet(location, [location.path], openByteStore())
  if (isShardSet) {
    const path = yield* Path.Path
    yield* checkOptions(location, "a shard set", [])
    return yield* openShardSet(path.dirname(location.path))
  }
  // A broken first line does not indicate the format of the others.
  const others = linesKind(text.lines)
  if (others === "json" || (kind === "json" && others !== "tokens")) return yield* jsonList(location, text)
  if (kind === "empty") return yield* new DataError({ file: location.name, problem: `an empty file; ${expected}` })
  const areTokens =
    isTokenLine(text.lines[0] ?? "") ||
    (others === "tokens" && (kind === "json" || typeof tableHead(text.lines, location) === "string"))
  return yield* areTokens ? flickrTokens(location, text) : table(location, text)
})

const openPattern = Effect.fnUntraced(function* (location: Location) {
  const names = expandBraces(location.path)
  if (names === undefined || names.length === 0)
    return yield* new DataError({ file: location.name, problem: "a pattern of no name, or of more than 10^6" })
  const store = openByteStore()
  return yield* names[0]!.toLowerCase().endsWith(".parquet")
    ? parquet(location, names, store)
    : webDataset(location, names, store)
})

const openRemote = (location: Location) => {
  const store = openByteStore()
  const name = location.path.toLowerCase()
  if (name.endsWith(".tar")) return webDataset(location, [location.path], store)
  if (name.endsWith(".parquet")) return parquet(location, [location.path], store)
  return openPrefix(location, store)
}

/** Opens a location of any format. */
const openAny = Effect.fnUntraced(function* (location: Location) {
  const fs = yield* FileSystem.FileSystem
  const { name } = location
  const read = (yield* ReadLists).get(name)
  if (read !== undefined && "listing" in read) return yield* listSource({ ...read, location, listing: listingOf(read.listing) })
  const there = isRemote(location.path) ? undefined : yield* Effect.result(fs.stat(location.path))
  // An existing file whose name contains braces is not a pattern.
  if (there?._tag !== "Success" && hasBraces(location.path)) return yield* openPattern(location)
  if (there === undefined) return yield* openRemote(location)
  if (there._tag === "Failure") {
    if (/^https?:/i.test(location.path))
      return yield* new DataError({
        file: name.slice(0, 100),
        problem: "data is read from this machine or s3://; a list may name images by URL"
      })
    return yield* new DataError({ file: location.path, problem: `no such data: ${oneLine(there.failure)}` })
  }
  return yield* there.success.type === "Directory" ? openFolder(location, openByteStore(), openFile) : openFile(location)
})

/**
 * Opens the data at one location, `PATH` or `PATH?option=value&…`: a file, a folder, `s3://BUCKET/PREFIX`, or a pattern of tars
 * such as `shard-{000000..000009}.tar`. The format is detected from the content. Every format takes `?group=sample`: each sample
 * is then an image of its own, where samples of the same image are one otherwise. Its samples have the wanted fields, pairs' by
 * default, or those of the kind that `?kind=` names; the type is that of pairs.
 */
export const openLocation = Effect.fn("data.openLocation")(function* (name: string, wanted: Fields = pairValues) {
  const given = yield* parseLocation(name)
  const { group, kind, ...options } = Object.fromEntries(given.options)
  if (kind !== undefined && !Object.hasOwn(sampleKinds, kind))
    return yield* new DataError({
      file: name,
      problem: `kind=${kind.slice(0, 40)}: expected ${Object.keys(sampleKinds).join(", ")}`
    })
  const fields: Fields = kind === undefined ? wanted : sampleKinds[kind as keyof typeof sampleKinds]
  const open = (location: Location) =>
    arePairs(fields) ? openAny(location) : Effect.map(openRecords(location, fields), (source): Source => typedSource(source))
  if (group === undefined) return yield* open({ ...given, options: new Map(Object.entries(options)) })
  if (group !== "sample" && group !== "content")
    return yield* new DataError({ file: name, problem: `group=${group.slice(0, 40)}: expected content or sample` })
  const source: Source = yield* open({ ...given, options: new Map(Object.entries(options)) })
  if (group === "content") return source
  return { ...source, groupBy: "sample", digest: jsonDigest([source.digest, "group=sample"]) } satisfies Source
})
