import { Effect, Schema } from "effect"
import { DataError } from "../data/data-error.ts"
import type { ReadIssue } from "../data/read-issues.ts"
import { type ByteStore, inside } from "../data/shards/byte-store.ts"
import { manifestName, type ShardManifest } from "../data/shards/manifest.ts"
import { type Counted, kindOf, tally } from "./tally.ts"

/** Facts in the files of a shard set, besides its samples. */
export interface ShardFacts {
  readonly shards: number
  readonly bytes: number
  readonly pipeline?: string
  readonly source?: string
  /** Samples of the source that are in no shard, by kind of reason. */
  readonly leftOut: readonly Counted[]
  /** Issues with the source's data when it was prepared. */
  readonly issues: readonly ReadIssue[]
  /** Number of invalid lines of the quarantine list. */
  readonly brokenLines: number
}

/** The file that lists the samples left out of a shard set. */
export const quarantineName = "quarantine.jsonl"

const Line = Schema.fromJsonString(Schema.Struct({ id: Schema.String, reason: Schema.String }))
const Issue = Schema.Struct({
  kind: Schema.Literals(["bad", "noted", "ignored"]),
  reason: Schema.String,
  count: Schema.Int,
  first: Schema.String
})
const About = Schema.fromJsonString(
  Schema.Struct({
    pipeline: Schema.optionalKey(Schema.String),
    source: Schema.optionalKey(Schema.Struct({ name: Schema.String, issues: Schema.optionalKey(Schema.Array(Issue)) }))
  })
)

/** Reads the quarantine list's counts; a set without the list has none. */
const leftOutOf = Effect.fnUntraced(function* (store: ByteStore, folder: string) {
  const reasons = tally()
  let broken = 0
  const bytes = yield* Effect.option(store.whole(inside(folder, quarantineName)))
  const decode = Schema.decodeUnknownOption(Line)
  for (const line of new TextDecoder().decode(bytes._tag === "Some" ? bytes.value : new Uint8Array()).split("\n")) {
    if (line === "") continue
    const found = decode(line)
    if (found._tag === "Some") reasons.add(kindOf(found.value.reason), found.value.id)
    else broken++
  }
  return { leftOut: reasons.sorted(), brokenLines: broken }
})

/** Reads the facts of a shard set, whose manifest is read already. */
export const shardFacts = Effect.fn("inspect.shardFacts")(function* (store: ByteStore, folder: string, manifest: ShardManifest) {
  const bytes = yield* store
    .whole(inside(folder, manifestName))
    .pipe(Effect.mapError(({ problem }) => new DataError({ file: inside(folder, manifestName), problem })))
  const about = Schema.decodeUnknownOption(About)(new TextDecoder().decode(bytes))
  const facts: ShardFacts = {
    shards: manifest.shards.count,
    bytes: manifest.shards.bytes,
    ...(about._tag === "Some" && about.value.pipeline !== undefined ? { pipeline: about.value.pipeline } : {}),
    ...(about._tag === "Some" && about.value.source !== undefined ? { source: about.value.source.name } : {}),
    issues: about._tag === "Some" ? (about.value.source?.issues ?? []) : [],
    ...(yield* leftOutOf(store, folder))
  }
  return facts
})
