import { Effect, FileSystem, Path } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { DataError } from "../data-error.ts"
import { isRemote, openByteStore } from "../shards/byte-store.ts"
import { openShardSet } from "../shards/open-shard-set.ts"
import { jsonDigest, type Source } from "../source.ts"
import { expandBraces, hasBraces } from "./braces.ts"
import { flickrTokens, isTokenLine } from "./flickr-tokens.ts"
import { jsonList } from "./json-list.ts"
import { linesKind } from "./lines-kind.ts"
import { listSource } from "./list-source.ts"
import { listingOf } from "./listing.ts"
import { checkOptions, type Location, parseLocation } from "./location.ts"
import { openFolder, openPrefix } from "./open-folder.ts"
import { parquet } from "./parquet.ts"
import { readHead } from "./read-bytes.ts"
import { ReadLists } from "./read-lists.ts"
import { gunzippedHead, gzipFault, sniff, sniffedBytes } from "./sniff.ts"
import { table } from "./table.ts"
import { tableHead } from "./table-head.ts"
import { encodingOption, markedEncoding, utf8 } from "./text-encoding.ts"
import { textHead } from "./text-head.ts"
import { webDataset } from "./web-dataset.ts"

const expected = "expected a list (JSON, CSV, TSV), a tar, parquet, or a folder"

/** What a file is, by its first bytes, or by those of what it has in gzip; a text by what they are in its encoding. */
const sniffed = Effect.fnUntraced(function* (location: Location, given: Uint8Array) {
  const named = yield* encodingOption(location)
  const unpacked = gunzippedHead(given)
  const head = unpacked ?? given
  const gzip = unpacked !== undefined
  const marked = markedEncoding(head)
  const plain = sniff(head)
  const isText = marked !== undefined || plain === "json" || plain === "text" || (typeof plain === "object" && head.includes(0))
  const encoding = marked ?? named ?? utf8
  const text = textHead(head, encoding, gzip)
  const kind = isText && encoding !== utf8 ? sniff(new TextEncoder().encode(text.lines.join("\n"))) : plain
  if (!gzip || kind === "json" || kind === "text") return { kind, text }
  // What is read here and there cannot be packed as a whole.
  const inside = typeof kind === "object" ? kind.other : kind === "empty" ? "nothing" : kind === "tar" ? "a tar" : "parquet"
  return { kind: { other: `a gzip file of ${inside}: unpack it` }, text }
})

/** Opens a file by what its first bytes say it is. */
const openFile = Effect.fnUntraced(function* (location: Location) {
  const head = yield* readHead(location.path, sniffedBytes)
  const damage = gzipFault(head)
  if (damage !== undefined) return yield* new DataError({ file: location.name, problem: damage })
  const { kind, text } = yield* sniffed(location, head)
  if (typeof kind === "object") return yield* new DataError({ file: location.name, problem: `${kind.other}; ${expected}` })
  if (kind === "tar") return yield* webDataset(location, [location.path], openByteStore())
  if (kind === "parquet") return yield* parquet(location, [location.path], openByteStore())
  if (kind === "json" && Buffer.from(head).includes('"semmim-shards"')) {
    const path = yield* Path.Path
    yield* checkOptions(location, "a shard set", [])
    return yield* openShardSet(path.dirname(location.path))
  }
  // A first line that is broken does not say what the others are.
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

/** Opens what is at a location, whatever it is. */
const openAny = Effect.fnUntraced(function* (location: Location) {
  const fs = yield* FileSystem.FileSystem
  const { name } = location
  const read = (yield* ReadLists).get(name)
  if (read !== undefined) return yield* listSource({ ...read, location, listing: listingOf(read.listing) })
  const there = isRemote(location.path) ? undefined : yield* Effect.result(fs.stat(location.path))
  // A file whose name has braces is itself.
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
 * Opens the data at one location, `PATH` or `PATH?option=value&…`: a file, a folder, `s3://BUCKET/PREFIX`, or a pattern of tars such as
 * `shard-{000000..000009}.tar`. What it is is told from its content. Every format takes `?group=sample`: each sample is an image of its
 * own then, where samples of the same image are one otherwise.
 */
export const openLocation = Effect.fn("data.openLocation")(function* (name: string) {
  const given = yield* parseLocation(name)
  const { group, ...options } = Object.fromEntries(given.options)
  if (group === undefined) return yield* openAny(given)
  if (group !== "sample" && group !== "content")
    return yield* new DataError({ file: name, problem: `group=${group.slice(0, 40)}: expected content or sample` })
  const source: Source = yield* openAny({ ...given, options: new Map(Object.entries(options)) })
  if (group === "content") return source
  return { ...source, groupBy: "sample", digest: jsonDigest([source.digest, "group=sample"]) } satisfies Source
})
