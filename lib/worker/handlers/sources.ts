import { join } from "node:path"
import { Effect, FileSystem } from "effect"
import type { OpenSource } from "../../data/host/host-context.ts"
import type { DataTables } from "../../data/host/host-stages.ts"
import { JobFailed, JobRefused } from "../../job/job-error.ts"
import { jobKey } from "../../job/job-key.ts"
import { keys } from "../../job/keys.ts"
import { OutputRecord, readContent, readRecord } from "../../job/records.ts"
import type { Submission } from "../../job/submission.ts"
import { writeAtomically } from "../../store/atomic.ts"
import { BlobStore } from "../../store/blob/blob-store.ts"
import type { HandlerConfig } from "./config.ts"

const embedded = /^embedded:[a-z0-9-]+$/

/** Refuses a source that this worker is not configured to read: no message or submission can make it read a file or a bucket. */
export const checkSource = (
  name: string,
  { allowedData }: Pick<HandlerConfig, "allowedData">
): Effect.Effect<void, JobRefused> =>
  embedded.test(name) || allowedData.has(name)
    ? Effect.void
    : Effect.fail(new JobRefused({ reason: "source-not-allowed", detail: `this worker was not given --allow-data '${name}'` }))

/** Returns the key of the job that merges a submission's shards. */
export const shardSetKey = (submission: Pick<Submission, "digest">): string =>
  jobKey(submission.digest, { kind: "merge", of: "shards" })

const fileName = /^[a-z0-9][a-z0-9.-]{0,80}$/

/** Fetches a submission's shard set into a folder of the cache; each file is verified, and either complete or absent. */
const fetchShards = Effect.fn("worker.fetchShards")(function* (submission: Submission, cache: string) {
  const fs = yield* FileSystem.FileSystem
  const key = shardSetKey(submission)
  const record = yield* readRecord(keys.done(submission.name, key), OutputRecord)
  if (record === undefined)
    return yield* new JobFailed({ reason: "no-shards", detail: `${submission.name} has no shard set yet` })
  const store = yield* BlobStore
  const folder = join(cache, "shards", `${submission.name}-${key.slice(-16)}`)
  const files = Object.entries(record.files)
  // The manifest makes a folder a shard set, so it is written last.
  const ordered = [...files.filter(([name]) => name !== "manifest.json"), ...files.filter(([name]) => name === "manifest.json")]
  for (const [name, file] of ordered) {
    if (!fileName.test(name))
      return yield* new JobRefused({ reason: "bad-name", detail: `${store.location}: a shard set names '${name.slice(0, 80)}'` })
    const path = join(folder, name)
    const info = yield* Effect.result(fs.stat(path))
    if (info._tag === "Success" && Number(info.success.size) === file.bytes) continue
    yield* writeAtomically(path, yield* readContent(submission.name, file.sha256))
  }
  return folder
})

/**
 * Returns the tables with the data of a submission's jobs: its shards where it has any, else its source; nothing that is not
 * allowed.
 */
export const tablesFor = Effect.fn("worker.tablesFor")(function* (
  submission: Submission,
  config: HandlerConfig,
  shards: boolean
) {
  const { source, parts = {} } = submission.pipeline
  const { train } = source
  yield* checkSource(train, config)
  for (const part of Object.values(parts)) yield* checkSource(part.source.train, config)
  const folder = shards && submission.prepare !== null ? yield* fetchShards(submission, config.cache) : undefined
  const openSource: OpenSource = (name, fields) =>
    config.tables.openSource(name === train && folder !== undefined ? folder : name, fields)
  return { ...config.tables, openSource } satisfies DataTables
})
