import { Effect } from "effect"
import type { TrainingBatch } from "../data/batch.ts"
import type { EngineError, Executable } from "../engine/engine.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { tensorStagesOf } from "../pipeline/tensor-stages.ts"
import type { TrainingError } from "../run-folder/errors.ts"
import type { MetricsLine } from "../run-folder/metrics.ts"
import type { Skipped } from "../run-folder/skipped.ts"
import { collapseWatch, nonFinite } from "./collapse.ts"
import { stepScalars } from "./scalars.ts"

/** Inputs of the loop: all side effects are passed in as functions. */
export interface LoopInputs<E, R> {
  readonly pipeline: Pipeline
  readonly executable: Executable
  /** Number of samples in the source, for epochs. */
  readonly samples: number
  readonly from: number
  /** Returns the next batch, in order. */
  readonly next: Effect.Effect<TrainingBatch, E, R>
  /** Called after every step; `logged` on steps whose line is written. */
  readonly onStep: (line: MetricsLine, logged: boolean) => Effect.Effect<void, E, R>
  /** Called for a step whose batch had unusable samples. */
  readonly onSkipped?: (skipped: readonly Skipped[]) => Effect.Effect<void, E, R>
  /** Called when a checkpoint is due (never twice for the same step), or a validation. */
  readonly checkpoint: (step: number) => Effect.Effect<void, E, R>
  readonly validate: (step: number) => Effect.Effect<void, E, R>
  /** True to stop cleanly after the current step. */
  readonly stopping: () => boolean
}

const seconds = (from: number): number => (performance.now() - from) / 1000

const finished = (every: number, step: number): boolean => every > 0 && step % every === 0

const epochOf = ({ epoch, parts }: TrainingBatch, part: string | undefined): number =>
  (part === undefined ? undefined : parts?.[part]?.epoch) ?? epoch

/** The ids of a batch's samples, those of its parts with the part's name. */
const idsOf = ({ ids, parts = {} }: TrainingBatch): readonly string[] => [
  ...ids,
  ...Object.entries(parts).flatMap(([name, part]) => part.ids.map((id) => `${name}: ${id}`))
]

/** The samples of a step, of all its sources. */
const samplesOf = ({ training, parts = {} }: Pipeline): number =>
  Object.values(parts).reduce((sum, { batch }) => sum + batch, training.batch)

/**
 * Runs the one training loop: takes batches in order, runs the step's program, and fails with a descriptive error on a loss that
 * is not finite or on collapse; the last good checkpoint stays. Returns the number of completed steps, and true where it was
 * asked to stop.
 */
export const trainLoop = <E, R>(
  inputs: LoopInputs<E, R>
): Effect.Effect<{ readonly step: number; readonly stopped: boolean }, E | EngineError | TrainingError, R> =>
  Effect.gen(function* () {
    const { pipeline, executable, samples, next, onStep, checkpoint, validate, stopping } = inputs
    const settings = pipeline.training
    const watches = tensorStagesOf(pipeline).flatMap((stage) =>
      (stage.watches ?? []).map((watch) => ({ ...watch, stage: stage.as }))
    )
    const watch = collapseWatch(watches, Math.max(20, Math.ceil(settings.steps / settings.logEvery / 10)))
    let step = inputs.from
    let skipped = 0
    while (step < settings.steps && !stopping()) {
      const start = performance.now()
      const batch = yield* next
      const dataSeconds = seconds(start)
      const { lr, feeds } = stepScalars(pipeline, step, samples)
      const outputs = yield* executable.run({ ...batch.feeds, ...feeds })
      const stepSeconds = seconds(start)
      step += 1
      const bad = (batch.bad ?? []).map((each) => ({ step, epoch: epochOf(batch, each.part), ...each }))
      skipped += bad.length
      if (bad.length > 0 && inputs.onSkipped) yield* inputs.onSkipped(bad)
      const scalars = Object.fromEntries(Object.entries(outputs).map(([name, numbers]) => [name, numbers[0]!]))
      const wrong = nonFinite(step, scalars, idsOf(batch))
      if (wrong) return yield* wrong
      const { loss, ...others } = scalars
      const logged = finished(settings.logEvery, step) || step === settings.steps || step === 1
      const line: MetricsLine = {
        step,
        epoch: batch.epoch,
        lr,
        loss: loss!,
        ...others,
        samplesPerSecond: samplesOf(pipeline) / stepSeconds,
        stepSeconds,
        dataSeconds,
        // Since the previous line, so that the lines add up to the whole run.
        ...(batch.bad ? { skipped } : {})
      }
      if (logged) skipped = 0
      yield* onStep(line, logged)
      const collapsed = logged ? watch(step, scalars) : undefined
      if (collapsed) return yield* collapsed
      if (finished(settings.validateEvery, step)) yield* validate(step)
      if (finished(settings.checkpointEvery, step) || step === settings.steps) yield* checkpoint(step)
    }
    const stopped = step < settings.steps
    if (stopped && step > inputs.from) yield* checkpoint(step)
    return { step, stopped }
  })
