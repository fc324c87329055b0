import { Effect } from "effect"
import { batchMaker } from "../data/batch.ts"
import type { BatchJob, OpenedBatchJob } from "../data/batch-job.ts"
import { openBatches } from "../data/batches.ts"
import type { DataTables } from "../data/host/host-stages.ts"
import type { Engine } from "../engine/engine.ts"
import { type Pipeline, toData } from "../pipeline/pipeline.ts"
import { withBatch } from "../pipeline/tensor-stages.ts"
import { largestBatch } from "./largest-batch.ts"
import { type StepPlan, stepPlan } from "./step-plan.ts"
import { type TimedReading, timeReading } from "./time-reading.ts"
import { type TimedStep, timeStep } from "./time-step.ts"

/** A timed step, with the plan of its compiled program. */
export type MeasuredStep = TimedStep & { readonly plan: StepPlan }

/** Measurements of a pipeline on this machine, from which its run is predicted. */
export interface RunMeasures {
  readonly reading: TimedReading
  /** Steps by batch size, ascending: a small one, and the pipeline's own or the largest that the time allows. */
  readonly steps: readonly MeasuredStep[]
  /** Plan of the step at the pipeline's own batch size. */
  readonly plan: StepPlan
  /** Largest batch whose step fits into the available memory, by the compiler's plan; 0 where none does. */
  readonly largestBatch: number
  /** Number of samples in the source. */
  readonly samples: number
  /** Bytes that this process may have in all: its present memory, and the free memory of the machine (or its container). */
  readonly availableBytes: number
}

/** Inputs of `measureRun`: the opened pipeline, and the engine and threads of the run. */
export interface MeasureRunInputs {
  readonly job: BatchJob
  readonly opened: OpenedBatchJob
  readonly tables: DataTables
  readonly workerUrl: URL
  readonly engine: Engine
  readonly threads: number
  /** Number of threads that read batches. */
  readonly workers: number
  /** Approximate time limit of the steps of the larger batch in all, compilation aside. */
  readonly budgetSeconds: number
}

/** Minimum number of timed runs of a step. */
const runs = 5

const smaller = (pipeline: Pipeline, batch: number): Pipeline => {
  const { training, ...rest } = withBatch(pipeline, batch)
  return { ...rest, training: { ...training, microBatch: Math.min(training.microBatch, batch) } }
}

/** Returns the smallest batch whose step is like the whole one: two samples to compare, or two micro-batches. */
const leastBatch = ({ training: { batch, microBatch } }: Pipeline): number =>
  Math.min(batch, microBatch > 0 && microBatch < batch ? 2 * microBatch : 2)

/**
 * Returns the batch to measure after the smallest one: the pipeline's own, or the largest multiple that time and memory allow.
 */
const secondBatch = (first: MeasuredStep, own: number, fits: (batch: number) => boolean, budgetSeconds: number): number => {
  const times = budgetSeconds / runs / first.seconds
  const candidates = [own, ...[64, 32, 16, 8, 4].map((factor) => factor * first.batch)].filter((batch) => batch <= own)
  return candidates.find((batch) => batch / first.batch <= times && fits(batch)) ?? first.batch
}

const measureStep = Effect.fnUntraced(function* (inputs: MeasureRunInputs, batch: number, budgetSeconds: number) {
  const pipeline = smaller(inputs.opened.pipeline, batch)
  const opened = { ...inputs.opened, pipeline, make: batchMaker({ ...inputs.opened, pipeline, seed: inputs.job.seed }) }
  // Read by threads as in a run, so that their memory counts.
  const { next, samples } = yield* openBatches({
    ...inputs,
    opened,
    job: { ...inputs.job, pipeline: toData(pipeline) },
    from: 0
  })
  const first = yield* next
  const timed = yield* timeStep({ ...inputs, pipeline, batch: first, samples, budgetSeconds })
  const measured: MeasuredStep = { ...timed, plan: stepPlan(pipeline, batch) }
  return measured
}, Effect.scoped)

/**
 * Measures the components of a run's time and memory: reads some samples, and runs the pipeline's own step at one or two batch
 * sizes. Errors: those of a run.
 */
export const measureRun = Effect.fn("explain.measureRun")(function* (inputs: MeasureRunInputs) {
  const { pipeline, source } = inputs.opened
  const own = pipeline.training.batch
  const reading = yield* timeReading({ ...inputs.opened, seed: inputs.job.seed, budgetSeconds: 2 })
  const availableBytes = process.availableMemory() + process.memoryUsage().rss
  const planAt = (batch: number): StepPlan => stepPlan(smaller(pipeline, batch), batch)
  const plan = planAt(own)
  const first = yield* measureStep(inputs, leastBatch(pipeline), 1)
  const spare = availableBytes - first.peakBytes + first.plan.peakBytes
  const bytesAt = (batch: number): number => {
    try {
      return planAt(batch).peakBytes
    } catch {
      return Number.POSITIVE_INFINITY // a stage rejects it: a queue of features smaller than a batch
    }
  }
  const largest = largestBatch(bytesAt, first.batch, spare)
  const batch = secondBatch(first, own, (each) => each < 0.8 * largest, inputs.budgetSeconds)
  const steps = batch > first.batch ? [first, yield* measureStep(inputs, batch, inputs.budgetSeconds / 4)] : [first]
  const result: RunMeasures = { reading, steps, plan, largestBatch: largest, samples: source.count, availableBytes }
  return result
})
