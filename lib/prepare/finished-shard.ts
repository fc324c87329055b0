import { join } from "node:path"
import { Effect, FileSystem, Schema } from "effect"
import { sha256File } from "../store/digest.ts"
import { type ShardPlace, type ShardStats, statsPath } from "./write-shard.ts"

const File = Schema.Struct({ name: Schema.String, bytes: Schema.Int, sha256: Schema.String })
const LeftOut = Schema.Struct({ id: Schema.String, index: Schema.Int, status: Schema.String, reason: Schema.String })
const Counts = Schema.Struct({
  read: Schema.Int,
  samples: Schema.Int,
  failed: Schema.Int,
  filtered: Schema.Int,
  duplicates: Schema.Int,
  reasons: Schema.Record(Schema.String, Schema.Int)
})
const Finished = Schema.fromJsonString(
  Schema.Struct({
    format: Schema.Literals(["semmim-shard"]),
    version: Schema.Literals([1]),
    job: Schema.String,
    shard: Schema.Int,
    tar: File,
    files: Schema.Array(File),
    counts: Counts,
    leftOut: Schema.Array(LeftOut)
  })
)

/** What a finished shard's statistics say that the manifest is made of. */
export type FinishedShard = typeof Finished.Type & Pick<ShardStats, "counts">

/** Reads a shard's statistics; `undefined` where there are none, or none that this job wrote. */
export const readFinished = Effect.fnUntraced(function* (place: ShardPlace) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* Effect.orElseSucceed(fs.readFileString(statsPath(place)), () => "")
  const stats = Schema.decodeUnknownOption(Finished)(text)
  if (stats._tag === "None") return undefined
  const { job, shard } = stats.value
  return job === place.job && shard === place.shard ? stats.value : undefined
})

/** The statistics of a shard all of whose files have the digests that they name, or `undefined`: then it is written anew. */
export const verifiedShard = Effect.fn("prepare.verifiedShard")(function* (place: ShardPlace) {
  const finished = yield* readFinished(place)
  if (finished === undefined) return undefined
  for (const { name, bytes, sha256 } of [finished.tar, ...finished.files]) {
    const found = yield* Effect.result(sha256File(join(place.folder, name)))
    if (found._tag === "Failure" || found.success.bytes !== bytes || found.success.sha256 !== sha256) return undefined
  }
  return finished
})
