import { Effect } from "effect"
import { WiringError } from "../pipeline/errors.ts"
import { loadPipeline, type StageTable } from "../pipeline/load.ts"
import { openStages } from "../pipeline/opened.ts"
import { withStageFiles } from "../pipeline/own-stages.ts"
import type { PipelineData } from "../pipeline/pipeline.ts"
import { cachesIn, noCaches } from "../pipeline/prepared-cache.ts"
import type { BadSampleBudget } from "./bad-samples.ts"
import { batchMaker } from "./batch.ts"
import { type OpenSource, surroundingsOf } from "./surroundings.ts"

/** What a run's batches are a function of, as plain data: what a worker is given. */
export interface BatchJob {
  readonly pipeline: PipelineData
  readonly seed: number
  /** The folder of caches; `null` for none. */
  readonly cache: string | null
  readonly budget?: BadSampleBudget
  /** Files that the user named, by absolute path, whose stages the pipeline may have; each worker imports them. */
  readonly stageFiles?: readonly string[]
}

/** What code can be found by name: the kinds of stages, and sources. */
export interface DataTables {
  readonly stages: StageTable
  readonly openSource: OpenSource
}

/** Opens the source, the host stages and their caches, and gives what makes the batches of a job. */
export const openBatchJob = Effect.fn("data.openBatchJob")(function* (job: BatchJob, given: DataTables) {
  const tables = yield* withStageFiles(given, job.stageFiles ?? [])
  const pipeline = yield* Effect.try({
    try: () => loadPipeline(job.pipeline, tables),
    catch: (cause) =>
      cause instanceof WiringError ? cause : new WiringError({ pipeline: job.pipeline.name, sentence: String(cause) })
  })
  const { train } = pipeline.source
  const openCache = job.cache === null ? noCaches : cachesIn(job.cache)
  const source = yield* tables.openSource(train)
  const stages = yield* openStages(pipeline, surroundingsOf(train, tables.openSource, openCache))
  const { seed, budget } = job
  const make = batchMaker({ pipeline, stages, source, seed, ...(budget ? { budget } : {}) })
  return { pipeline, source, stages, make }
})
