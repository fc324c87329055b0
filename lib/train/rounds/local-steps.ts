import { Effect, Fiber } from "effect"
import { badBatchWatch } from "../../data/bad-batch-watch.ts"
import type { BatchJob } from "../../data/batch-job.ts"
import { openBatchJob } from "../../data/batch-job.ts"
import type { DataTables } from "../../data/host/host-stages.ts"
import type { BufferContents } from "../../model/initial.ts"
import { type Pipeline, toData } from "../../pipeline/pipeline.ts"
import { restore } from "../../run-folder/checkpoint.ts"
import type { MetricsLine } from "../../run-folder/metrics.ts"
import { trainLoop } from "../loop.ts"
import { openStep, type StepInputs } from "../open-step.ts"

/** Local steps of one replica to be run. */
export interface SliceTask {
  readonly replica: number
  readonly replicas: number
  /** Number of local steps done before, and number to run. */
  readonly from: number
  readonly steps: number
  /** Initial contents of all buffers. */
  readonly contents: BufferContents
}

/** Result of the steps. */
export interface SliceOutcome {
  readonly contents: BufferContents
  readonly metrics: readonly MetricsLine[]
  readonly samples: number
}

/** Inputs of opening a trainer. */
export interface TrainerInputs extends StepInputs {
  /** The pipeline as a replica trains it: see `replicaPipeline`. */
  readonly pipeline: Pipeline
  readonly cache: string | null
  readonly tables: DataTables
}

/**
 * Opens data, engine and compiled step of a replica's pipeline, for any number of tasks of any replica: a task carries the whole
 * state. Batch t of replica s of S is batch t·S + s of the run, so the replicas partition the data order exactly.
 */
export const openSliceTrainer = Effect.fn("rounds.openSliceTrainer")(function* (inputs: TrainerInputs) {
  const { cache, tables } = inputs
  const settings = inputs.pipeline.training
  const job: BatchJob = { pipeline: toData(inputs.pipeline), seed: settings.seed, cache }
  const { make, source, parts, pipeline } = yield* openBatchJob(job, tables)
  const { layout, session, compile } = yield* openStep({ ...inputs, pipeline })
  const executable = yield* compile

  const run = Effect.fn("rounds.localSteps")(function* ({ replica, replicas, from, steps, contents }: SliceTask) {
    yield* restore(session, contents)
    const watch = badBatchWatch({ source, parts }, job.budget)
    const metrics: MetricsLine[] = []
    const last = from + steps
    let step = from
    // One batch is prepared while the engine runs the previous one.
    const start = (index: number) => Effect.forkChild(make(index * replicas + replica))
    let coming = yield* start(from)
    const next = Effect.gen(function* () {
      const batch = yield* Fiber.join(coming)
      step++
      if (step < last) coming = yield* start(step)
      const tooMany = watch(batch)
      return tooMany ? yield* tooMany : batch
    })
    yield* trainLoop({
      pipeline,
      executable,
      samples: source.count / replicas,
      from,
      next,
      onStep: (line, logged) => Effect.sync(() => void ((logged || line.step === last) && metrics.push(line))),
      checkpoint: () => Effect.void,
      validate: () => Effect.void,
      stopping: () => step >= last
    })
    const read = yield* Effect.forEach([...contents.keys()], (name) =>
      Effect.map(session.read(name), (numbers) => [name, numbers] as const)
    )
    return { contents: new Map(read), metrics, samples: steps * settings.batch } satisfies SliceOutcome
  })
  return { run, layout, source }
})
export type SliceTrainer = Effect.Success<ReturnType<typeof openSliceTrainer>>
