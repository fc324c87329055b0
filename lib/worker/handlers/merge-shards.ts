import { join } from "node:path"
import { Effect, FileSystem } from "effect"
import { joinsSameImages } from "../../data/same-images.ts"
import { JobRefused } from "../../job/job-error.ts"
import { jobKey } from "../../job/job-key.ts"
import { keys } from "../../job/keys.ts"
import { openRound } from "../../job/open-round.ts"
import { type FileRecord, OutputRecord, readContent, readRecord } from "../../job/records.ts"
import { jobStates } from "../../job/states.ts"
import { prepareJobs } from "../../job/submit.ts"
import { writeManifest } from "../../prepare/manifest.ts"
import { writeShardSet } from "../../prepare/shard-set.ts"
import { refuseUnusable } from "../../prepare/unusable-set.ts"
import { writeAtomically } from "../../store/atomic.ts"
import { storeError } from "../../store/store-error.ts"
import type { JobContext, JobOutcome } from "../handler.ts"
import type { HandlerConfig } from "./config.ts"
import { openPreparing } from "./prepare.ts"

/** Files from which the lists of the set are computed. */
const needed = /\.(?:stats\.json|index|parquet)$/
const wanted = /\.(?:tar|index|stats\.json)$/

/** Makes the shard set once all shards are there; until then the job is retried, more often the fewer shards are missing. */
export const mergeShards = Effect.fn("job.mergeShards")(function* (context: JobContext, config: HandlerConfig) {
  const { submission } = context
  const { name, digest, prepare } = submission
  if (prepare === null) return yield* new JobRefused({ reason: "no-shards", detail: `${name} prepares none` })
  const states = yield* jobStates(name)
  const count = states.done.get("prepare")?.length ?? 0
  const gone = states.dead.filter(({ kind }) => kind === "prepare")
  if (count < prepare.shards) {
    if (gone.length > 0 && count + gone.length >= prepare.shards)
      return yield* new JobRefused({
        reason: "lost-shards",
        detail: `${gone.length} of ${prepare.shards} shards could not be prepared`
      })
    return { later: Math.min(60, 1 + Math.floor((prepare.shards - count) / 20)) } satisfies JobOutcome
  }
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "semmim-shards-" })
  const { opened, settings } = yield* openPreparing(context, folder, config)
  const files: Record<string, FileRecord | Uint8Array> = {}
  for (const job of prepareJobs(prepare)) {
    const output = yield* readRecord(keys.done(name, jobKey(digest, job)), OutputRecord)
    if (output === undefined) return { later: 5 } satisfies JobOutcome
    for (const [file, record] of Object.entries(output.files)) {
      if (wanted.test(file)) files[file] = record
      if (needed.test(file)) yield* writeAtomically(join(folder, file), yield* readContent(name, record.sha256))
    }
  }
  const set = yield* writeShardSet(folder, opened.shards, opened.digest, joinsSameImages(opened.source))
  yield* refuseUnusable({
    ...{ source: opened.source, job: opened.digest, shards: opened.shards },
    ...{ folders: [folder], sets: [set] }
  }).pipe(Effect.mapError(({ message }) => new JobRefused({ reason: "no-samples", detail: message })))
  yield* writeManifest(opened, settings, { folder, split: null, set, splits: {} })
  for (const file of ["manifest.json", set.list, set.quarantine.name, ...(set.groups ? [set.groups.name] : [])])
    files[file] = yield* fs.readFile(join(folder, file)).pipe(Effect.mapError(storeError(file)))
  return { files, result: { samples: set.counts.samples, shards: set.shards.count } } satisfies JobOutcome
})

/** Opens the first round. */
export const afterShards = (context: JobContext, { urls }: HandlerConfig) => {
  const { submission, origin } = context
  const replicas = Array.from({ length: submission.rounds.replicas }, (_, replica) => ({ replica, state: null }))
  return Effect.asVoid(openRound(submission, { round: 0, checkpoint: submission.checkpoint, replicas, norms: [] }, urls, origin))
}
