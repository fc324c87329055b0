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

/** The part of a finished shard's statistics that the manifest is made from. */
export type FinishedShard = typeof Finished.Type & Pick<ShardStats, "counts">

/** Reads the statistics at a place, as text and as their content; `undefined` where there are none. */
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

/** True where all of a shard's files exist with the digests in its statistics. */
const isWhole = Effect.fnUntraced(function* (folder: string, { tar, files }: FinishedShard) {
  for (const { name, bytes, sha256 } of [tar, ...files]) {
    const found = yield* Effect.result(sha256File(join(folder, name)))
    if (found._tag === "Failure" || found.success.bytes !== bytes || found.success.sha256 !== sha256) return false
  }
  return true
})

/**
 * Returns the statistics of a shard all of whose files have the digests in them, or `undefined`: the shard is then written again.
 */
export const verifiedShard = Effect.fn("prepare.verifiedShard")(function* (place: Omit<ShardPlace, "recipe">) {
  const finished = yield* readFinished(place)
  return finished !== undefined && (yield* isWhole(place.folder, finished)) ? finished : undefined
})

/**
 * Adopts a shard into this job if it was written with the same recipe from the same samples, as by a job over a shorter version
 * of the source: then only the job in its statistics changes. Returns true where it could; `inputs` is run only where the rest
 * agrees.
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
