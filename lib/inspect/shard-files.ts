import { Effect, Schema } from "effect"
import { type ByteStore, inside } from "../data/shards/byte-store.ts"
import { manifestName, type ShardManifest } from "../data/shards/manifest.ts"
import { sha256 } from "../store/digest.ts"
import type { Fault } from "./inspection.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const File = Schema.Struct({ name: Schema.String.check(Schema.isPattern(/^[\w.-]{1,200}$/)), sha256: Schema.String })
const Stats = Schema.fromJsonString(
  Schema.Struct({ counts: Schema.Struct({ read: Count, samples: Count }), tar: File, files: Schema.Array(File) })
)
const Books = Schema.fromJsonString(
  Schema.Struct({
    counts: Schema.optionalKey(
      Schema.Struct({ read: Count, samples: Count, quarantined: Count, filtered: Count, duplicates: Count })
    ),
    quarantine: Schema.optionalKey(Schema.Struct({ ...File.fields, lines: Count })),
    splits: Schema.optionalKey(Schema.Record(Schema.String, Schema.Struct({ folder: Schema.String })))
  })
)

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Returns the faults of a file: it cannot be read, or has another digest than recorded. */
const fileFault = Effect.fnUntraced(function* (store: ByteStore, folder: string, { name, sha256: wanted }: typeof File.Type) {
  const read = yield* Effect.result(store.whole(inside(folder, name)))
  if (read._tag === "Failure") return [{ where: name, what: read.failure.problem }]
  const found = sha256(read.success)
  return found === wanted
    ? []
    : [{ where: name, what: `sha256 ${found.slice(0, 12)}…, where ${wanted.slice(0, 12)}… was written` }]
})

/** Returns the faults of the files beside a shard's tar, by the digest of each in the shard's statistics. */
export const statsFaults = Effect.fnUntraced(function* (store: ByteStore, folder: string, name: string) {
  const read = yield* Effect.result(store.whole(inside(folder, name)))
  if (read._tag === "Failure") return [{ where: name, what: read.failure.problem }] satisfies Fault[]
  const stats = Schema.decodeUnknownOption(Stats)(text(read.success))
  if (stats._tag === "None") return [{ where: name, what: "no statistics of a shard" }] satisfies Fault[]
  const { files, tar, counts } = stats.value
  // The tar of a shard without samples is in no list, which has the digests of all others.
  const faults = yield* Effect.forEach([...files, ...(counts.samples === 0 ? [tar] : [])], (file) =>
    fileFault(store, folder, file)
  )
  return faults.flat() satisfies Fault[]
})

/**
 * Returns the faults of a set's counts: every sample read must be in a shard or left out, and the list of the latter be that of
 * the manifest. Also returns the folders of its splits.
 */
export const bookFaults = Effect.fnUntraced(function* (store: ByteStore, folder: string, { shards }: ShardManifest) {
  const said = yield* Effect.option(store.whole(inside(folder, manifestName)))
  const books = said._tag === "Some" ? Schema.decodeUnknownOption(Books)(text(said.value)) : said
  if (books._tag === "None") return { faults: [], folders: [] as readonly string[] }
  const { counts, quarantine, splits = {} } = books.value
  const faults: Fault[] = quarantine ? [...(yield* fileFault(store, folder, quarantine))] : []
  if (counts) {
    const gone = counts.quarantined + counts.filtered + counts.duplicates
    if (counts.samples !== shards.samples || counts.read !== counts.samples + gone)
      faults.push({ where: manifestName, what: `${counts.read} samples read, ${shards.samples} in shards and ${gone} left out` })
    if (quarantine && quarantine.lines !== gone)
      faults.push({ where: quarantine.name, what: `${quarantine.lines} lines, where ${gone} samples are left out` })
  }
  return { faults, folders: Object.values(splits).map((split) => split.folder) }
})
