import { join } from "node:path"
import { Effect, FileSystem, Schema } from "effect"
import { writeAtomically } from "../store/atomic.ts"
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
    recipe: Schema.String,
    inputs: Schema.String,
    shard: Schema.Int,
    tar: File,
    files: Schema.Array(File),
    counts: Counts,
    leftOut: Schema.Array(LeftOut)
  })
)

/** What a finished shard's statistics say that the manifest is made of. */
export type FinishedShard = typeof Finished.Type & Pick<ShardStats, "counts">

/** The statistics that lie at a place, as text and as what they say; `undefined` where there are none. */
const statsAt = Effect.fnUntraced(function* (place: Pick<ShardPlace, "folder" | "shard">) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* Effect.orElseSucceed(fs.readFileString(statsPath(place)), () => "")
  const stats = Schema.decodeUnknownOption(Finished)(text)
  return stats._tag === "Some" && stats.value.shard === place.shard ? { text, finished: stats.value } : undefined
})

/** Reads a shard's statistics; `undefined` where there are none, or none that this job wrote. */
export const readFinished = Effect.fnUntraced(function* (place: Omit<ShardPlace, "recipe">) {
  const found = yield* statsAt(place)
  return found?.finished.job === place.job ? found.finished : undefined
})

/** Whether all of a shard's files are there with the digests that its statistics name. */
const isWhole = Effect.fnUntraced(function* (folder: string, { tar, files }: FinishedShard) {
  for (const { name, bytes, sha256 } of [tar, ...files]) {
    const found = yield* Effect.result(sha256File(join(folder, name)))
    if (found._tag === "Failure" || found.success.bytes !== bytes || found.success.sha256 !== sha256) return false
  }
  return true
})

/** The statistics of a shard all of whose files have the digests that they name, or `undefined`: then it is written anew. */
export const verifiedShard = Effect.fn("prepare.verifiedShard")(function* (place: Omit<ShardPlace, "recipe">) {
  const finished = yield* readFinished(place)
  return finished !== undefined && (yield* isWhole(place.folder, finished)) ? finished : undefined
})

/**
 * Makes a shard this job's, if it was written by the same recipe of the same samples, as by a job over a source that has grown since:
 * only the job that its statistics name is another then. Says whether it could; `inputs` is asked for only where the rest agrees.
 */
export const sealAgain = Effect.fn("prepare.sealAgain")(function* <E, R>(
  { folder, shard, job, recipe }: ShardPlace,
  inputs: Effect.Effect<string, E, R>
) {
  const found = yield* statsAt({ folder, shard })
  if (found?.finished.recipe !== recipe) return false
  if ((yield* inputs) !== found.finished.inputs || !(yield* isWhole(folder, found.finished))) return false
  if (found.finished.job !== job)
    yield* writeAtomically(statsPath({ folder, shard }), `${JSON.stringify({ ...JSON.parse(found.text), job }, null, 1)}\n`)
  return true
})
