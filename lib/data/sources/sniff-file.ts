import { Effect } from "effect"
import { DataError } from "../data-error.ts"
import type { Location } from "./location.ts"
import { readHead } from "./read-bytes.ts"
import { gunzippedHead, gzipFault, sniff, sniffedBytes } from "./sniff.ts"
import { encodingOption, markedEncoding, utf8 } from "./text-encoding.ts"
import { textHead } from "./text-head.ts"

/**
 * Returns the kind of a file by its first bytes, or by those of its content in gzip; of a text, by its first bytes in its
 * encoding.
 */
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
  // A file with random access cannot be compressed as a whole.
  const inside = typeof kind === "object" ? kind.other : kind === "empty" ? "nothing" : kind === "tar" ? "a tar" : "parquet"
  return { kind: { other: `a gzip file of ${inside}: unpack it` }, text }
})

/**
 * Returns the kind of a file by its first bytes, the beginning of a text, and whether the file is the manifest of a shard set.
 */
export const sniffFile = Effect.fnUntraced(function* (location: Location) {
  const head = yield* readHead(location.path, sniffedBytes)
  const damage = gzipFault(head)
  if (damage !== undefined) return yield* new DataError({ file: location.name, problem: damage })
  const found = yield* sniffed(location, head)
  return { ...found, isShardSet: found.kind === "json" && Buffer.from(head).includes('"semmim-shards"') }
})
