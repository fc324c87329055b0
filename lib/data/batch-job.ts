import { Effect } from "effect"
import type { BadSampleBudget } from "./bad-samples.ts"
import { batchMaker } from "./batch.ts"
import { type DataTables, openHostStages, type StagedPipeline } from "./host/host-stages.ts"
import { cachesIn, noCaches } from "./host/prepared-cache.ts"

/** Everything that determines the batches of a run, as plain data to be passed to a worker. */
export interface BatchJob extends StagedPipeline {
  readonly seed: number
  /** The folder of caches; `null` for none. */
  readonly cache: string | null
  readonly budget?: BadSampleBudget
}

/** Opens the sources, the host stages and their caches, and gives what makes the batches of a job. */
export const openBatchJob = Effect.fn("data.openBatchJob")(function* (job: BatchJob, tables: DataTables) {
  const { seed, cache, budget } = job
  const { openParts, ...main } = yield* openHostStages(job, tables, cache === null ? noCaches : cachesIn(cache))
  const opened = { ...main, parts: yield* openParts }
  const make = batchMaker({ ...opened, seed, ...(budget ? { budget } : {}) })
  return { ...opened, make }
})

/** A job's opened data; the pipeline contains what its host stages have opened. */
export type OpenedBatchJob = Effect.Success<ReturnType<typeof openBatchJob>>
