import { join } from "node:path"
import { Effect, FileSystem } from "effect"
import type { PrepareJob } from "../../job/job.ts"
import { JobRefused } from "../../job/job-error.ts"
import type { OpenSubmission } from "../../job/submission.ts"
import { toData } from "../../pipeline/pipeline.ts"
import { openPrepareJob } from "../../prepare/prepare-job.ts"
import { prepareDefaults } from "../../prepare/prepare-settings.ts"
import { storeError } from "../../store/store-error.ts"
import type { JobHandler } from "../handler.ts"
import type { HandlerConfig } from "./config.ts"
import { tablesFor } from "./sources.ts"

/** Opens the resources that prepare a submission's shards into a folder. */
export const openPreparing = Effect.fnUntraced(function* (
  { submission, pipeline }: OpenSubmission,
  folder: string,
  config: HandlerConfig
) {
  const tables = yield* tablesFor(submission, config, false)
  const settings = { ...prepareDefaults, shardSize: submission.prepare?.perShard ?? prepareDefaults.shardSize }
  const job = { kind: "prepare", pipeline: toData(pipeline), cache: config.cache, stageFiles: [], folder, settings } as const
  return { opened: yield* openPrepareJob(job, tables), settings }
})

/** Writes one shard; the bytes do not depend on the worker. */
export const prepareHandler = (config: HandlerConfig): JobHandler<PrepareJob> => ({
  limitSeconds: 3600,
  run: Effect.fn("job.prepare")(function* (job, context) {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "semmim-prepare-" })
    const { opened } = yield* openPreparing(context, folder, config)
    if (job.shard >= opened.shards)
      return yield* new JobRefused({ reason: "no-such-shard", detail: `shard ${job.shard} of ${opened.shards}` })
    const { from, to } = opened.rangeOf(job.shard)
    if (job.first !== from || job.count !== to - from)
      return yield* new JobRefused({ reason: "no-such-shard", detail: `shard ${job.shard} is of samples ${from} to ${to - 1}` })
    yield* opened.run({ kind: "write", shard: job.shard, folder, split: 0, dispositions: null }, () => {})
    const names = (yield* fs.readDirectory(folder)).filter((name) => name.startsWith("shard-"))
    const files = yield* Effect.forEach(names.sort(), (name) =>
      fs.readFile(join(folder, name)).pipe(
        Effect.mapError(storeError(name)),
        Effect.map((bytes) => [name, bytes] as const)
      )
    )
    return { files: Object.fromEntries(files), result: { samples: job.count } }
  })
})
