import { Effect } from "effect"
import type { TrainingBatch } from "../data/batch.ts"
import type { Engine } from "../engine/engine.ts"
import { initialState } from "../model/initial.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { restore } from "../run-folder/checkpoint.ts"
import { openStep } from "../train/open-step.ts"
import { stepScalars } from "../train/scalars.ts"
import { readFrozen } from "../weights/frozen-file.ts"

/** A training step, timed over several runs on one batch. */
export interface TimedStep {
  readonly batch: number
  /** Median time of a step in seconds, without reading its batch. */
  readonly seconds: number
  /** Number of timed steps, after those that the engine needs to reach steady state. */
  readonly steps: number
  /** Seconds to trace and compile the step and to write its first state. */
  readonly readySeconds: number
  /** Peak resident memory of the process so far, in bytes. */
  readonly peakBytes: number
}

/** Inputs of `timeStep`. */
export interface TimeStepInputs {
  readonly pipeline: Pipeline
  readonly engine: Engine
  readonly threads: number
  /** Batch that every step runs on; its size is the pipeline's. */
  readonly batch: TrainingBatch
  /** Number of samples in the source, for schedules. */
  readonly samples: number
  /** Seconds after which no further step is started, once three were timed. */
  readonly budgetSeconds: number
}

/** Number of untimed runs: an engine's first runs allocate memory. */
const settling = 2
const atLeast = 3
const atMost = 25

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/**
 * Runs a pipeline's own training step on one batch, starting from the state before the first step. Errors: `EngineError`,
 * `WiringError`.
 */
export const timeStep = Effect.fn("explain.timeStep")(
  function* ({ pipeline, engine, threads, batch, samples, budgetSeconds }: TimeStepInputs) {
    const started = performance.now()
    const since = (from: number): number => (performance.now() - from) / 1000
    const { layout, session, compile } = yield* openStep({ pipeline, engine, threads, frozen: yield* readFrozen(pipeline) })
    yield* restore(session, initialState(pipeline, layout, pipeline.training.seed))
    const executable = yield* compile
    const readySeconds = since(started)
    const stepsFrom = performance.now()
    const timed: number[] = []
    for (let step = 0; step < settling + atMost; step++) {
      if (timed.length >= atLeast && since(stepsFrom) > budgetSeconds) break
      const from = performance.now()
      yield* executable.run({ ...batch.feeds, ...stepScalars(pipeline, step, samples).feeds })
      if (step >= settling) timed.push(since(from))
    }
    const { peakBytes } = yield* session.usage
    const result: TimedStep = {
      batch: pipeline.training.batch,
      seconds: median(timed),
      steps: timed.length,
      readySeconds,
      peakBytes
    }
    return result
  },
  Effect.scoped // the engine's memory is free again before another batch size is tried
)
