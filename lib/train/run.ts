import { hostname } from "node:os"
import { Clock, Effect, type FileSystem, type Scope } from "effect"
import type { TrainingBatch } from "../data/batch.ts"
import type { Engine, EngineError, EngineSession } from "../engine/engine.ts"
import { beginProgress, type ProgressOutput } from "../log/progress.ts"
import { openEvents } from "../log/tensorboard.ts"
import { initialState } from "../model/initial.ts"
import type { Layout } from "../model/layout.ts"
import { recordedDigests } from "../pipeline/frozen-sets.ts"
import { type Pipeline, pipelineDigest } from "../pipeline/pipeline.ts"
import { type CheckpointState, loadCheckpoint, restore, saveCheckpoint } from "../run-folder/checkpoint.ts"
import { type EarlierSteps, earlierSteps, environmentOf, movedLine } from "../run-folder/environment.ts"
import type { TrainingError } from "../run-folder/errors.ts"
import { appendMetrics, type MetricsLine, truncateMetrics } from "../run-folder/metrics.ts"
import { openRunFolder, pruneCheckpoints, type RunAssets, recordedPipeline } from "../run-folder/run-folder.ts"
import { appendSkipped, truncateSkipped } from "../run-folder/skipped.ts"
import { lockFolder } from "../store/lock.ts"
import type { SafetensorsError } from "../store/safetensors/safetensors-error.ts"
import type { StoreError } from "../store/store-error.ts"
import { pinFrozen, readFrozen } from "../weights/frozen-file.ts"
import { trainLoop } from "./loop.ts"
import { openStep } from "./open-step.ts"

/** Batches from a given step on, in order. */
export interface Batches<E> {
  /** Number of samples in the source, for epochs. */
  readonly samples: number
  readonly next: Effect.Effect<TrainingBatch, E>
}

/** Inputs of a run. */
export interface RunInputs<E1, E2, E3, R> extends RunAssets {
  readonly pipeline: Pipeline
  readonly folder: string
  readonly seed: number
  readonly resume: boolean
  readonly engine: Engine
  readonly threads: number
  readonly openBatches: (from: number) => Effect.Effect<Batches<E1>, E2, R | Scope.Scope>
  /** Evaluates the present model, e.g. losses on held-out pairs; its values are logged under their names. */
  readonly validate?: (trained: Trained, step: number) => Effect.Effect<Readonly<Record<string, number>>, E3, R>
  /** Initial parameters by name (pre-trained encoders). */
  readonly given?: ReadonlyMap<string, Float32Array>
  /** Initial parameters of the teacher, where they differ from the student's. */
  readonly givenTeacher?: ReadonlyMap<string, Float32Array>
  readonly stopping: () => boolean
  /** Output of progress; standard error by default. */
  readonly progress?: ProgressOutput
}

/** A model in an engine, with what is needed to run further programs on it. */
export interface Trained {
  readonly pipeline: Pipeline
  readonly layout: Layout
  readonly session: EngineSession
  readonly engine: Engine
}

/** Result of a run. */
export interface Finished extends Trained {
  readonly step: number
  /** True where it was asked to stop before its last step. */
  readonly stopped: boolean
  readonly compileSeconds: number
  /** Steps that were computed in another environment, before the run was resumed here. */
  readonly earlier: readonly EarlierSteps[]
}

const shown = ({ loss, samplesPerSecond, lr }: MetricsLine): Readonly<Record<string, number>> => ({
  loss,
  lr,
  "samples/s": samplesPerSecond
})

/** Returns the message for a run that has no checkpoint to resume from: it stopped before the first one, or they were removed. */
const lostLine = (step: number): string =>
  `no checkpoint is there to go on from: the run starts anew${step > 0 ? `, and its metrics, up to step ${step}, are replaced` : ""}`

/**
 * Trains a pipeline in a folder (design.md §6: pipeline.json, metrics.jsonl, events, checkpoints), from the start or from its
 * newest checkpoint, with progress output. The folder stays locked until the scope closes, so that evaluation and report have
 * exclusive access too.
 *
 * Errors: every failure of a run, each in one line; the last good checkpoint is never affected.
 */
export const runTraining = <E1, E2, E3, R>(inputs: RunInputs<E1, E2, E3, R>) =>
  Effect.gen(function* () {
    const { folder, seed, engine } = inputs
    yield* lockFolder(folder)
    const recorded = inputs.resume ? yield* recordedPipeline(folder) : undefined
    const pipeline = yield* pinFrozen(inputs.pipeline, recordedDigests(recorded?.pipeline))
    const settings = pipeline.training
    const start = yield* openRunFolder(folder, pipeline, seed, inputs.resume, inputs)
    const environment = environmentOf(engine, inputs.threads)
    const earlier = earlierSteps(start.state, environment)
    const stateAt = (step: number, best: CheckpointState["best"]): CheckpointState => ({
      ...{ step, pipeline: pipelineDigest(pipeline), seed, ...environment },
      ...(earlier.length > 0 ? { earlier } : {}),
      best
    })
    yield* truncateMetrics(folder, start.step)
    yield* truncateSkipped(folder, start.step)
    const batches = yield* inputs.openBatches(start.step)
    const { layout, session, compile } = yield* openStep({ ...inputs, pipeline, frozen: yield* readFrozen(pipeline) })
    const contents = start.checkpoint
      ? yield* loadCheckpoint(start.checkpoint, pipeline, layout)
      : initialState(pipeline, layout, seed, inputs.given, inputs.givenTeacher)
    yield* restore(session, contents)
    // Only the first process receives these, and it may be killed before its first checkpoint.
    if (!start.checkpoint && inputs.given && inputs.given.size > 0)
      yield* saveCheckpoint(folder, pipeline, layout, session, stateAt(0, null))
    const executable = yield* compile
    const trained: Trained = { pipeline, layout, session, engine }
    const now = yield* Clock.currentTimeMillis
    // Lines logged before the first checkpoint are logged again, including step 0.
    const from = start.step === 0 ? 0 : start.step + 1
    const events = yield* openEvents({ folder, seconds: Math.floor(now / 1000), host: hostname(), from })
    // In its own scope, so that the line of the progress bar ends before anything else is printed.
    const { step, stopped } = yield* Effect.scoped(
      Effect.gen(function* () {
        const progress = yield* beginProgress(inputs.progress)
        const moved = start.state && start.step < settings.steps ? movedLine(start.state, environment) : undefined
        if (moved !== undefined) yield* progress.print(`${folder}: ${moved}`)
        if (start.lost !== undefined) yield* progress.print(`${folder}: ${lostLine(start.lost)}`)
        let latest: MetricsLine | undefined
        let best: CheckpointState["best"] = start.state?.best ?? null

        const log = Effect.fnUntraced(function* (line: MetricsLine, values: Readonly<Record<string, number>>) {
          const { step, ...rest } = values
          yield* events.scalars({ wallTime: (yield* Clock.currentTimeMillis) / 1000, step: line.step }, rest)
        })
        const onStep = Effect.fnUntraced(function* (line: MetricsLine, logged: boolean) {
          latest = line
          if (logged) {
            yield* appendMetrics(folder, line)
            yield* log(line, line)
          }
          yield* progress.update({
            label: pipeline.name,
            done: line.step,
            total: settings.steps,
            from: start.step,
            figures: shown(line),
            unit: "step"
          })
        })
        const checkpoint = Effect.fnUntraced(function* (step: number) {
          const { metric, goal } = settings.best
          const value = latest?.[metric]
          const better = value !== undefined && (best === null || (goal === "lowest" ? value < best.value : value > best.value))
          if (better) best = { metric, value, step }
          yield* saveCheckpoint(folder, pipeline, layout, session, stateAt(step, best))
          yield* pruneCheckpoints(folder, settings.keepLast, best?.step)
        })
        const validate = Effect.fnUntraced(function* (step: number) {
          if (!inputs.validate || !latest) return
          const values = yield* inputs.validate(trained, step)
          latest = { ...latest, ...values }
          yield* log(latest, values)
          const text = Object.entries(values).map(([name, value]) => `${name} ${value.toPrecision(4)}`)
          yield* progress.print(`step ${step}: ${text.join(" ")}`)
        })
        return yield* trainLoop<E1 | E3 | EngineError | StoreError | SafetensorsError | TrainingError, R | FileSystem.FileSystem>(
          {
            pipeline,
            executable,
            samples: batches.samples,
            from: start.step,
            next: batches.next,
            onStep,
            onSkipped: (skipped) => appendSkipped(folder, skipped),
            checkpoint,
            validate,
            stopping: inputs.stopping
          }
        )
      })
    )
    return { ...trained, step, stopped, compileSeconds: executable.compileSeconds, earlier } satisfies Finished
  })
