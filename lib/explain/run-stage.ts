import { Effect, Stream } from "effect"
import { noCaches } from "../data/host/prepared-cache.ts"
import { type HostContext, openStage } from "../data/host/ready-stage.ts"
import type { Engine } from "../engine/engine.ts"
import { reference } from "../engine/reference/engine.ts"
import { oneLine } from "../error/one-line.ts"
import { WiringError } from "../pipeline/errors.ts"
import type { HostStage, Sizes, Stage, TensorStage } from "../pipeline/stage.ts"
import { shapeOf } from "../pipeline/tensor-stages.ts"
import type { Key } from "../random/key.ts"
import type { Fields } from "../tensor/field.ts"
import { fromBytes } from "../tensor/stored.ts"
import { isRecordedTensor, type Recorded, type RecordedTensor, recordedDigest } from "./recorded.ts"
import { stageProgram } from "./stage-program.ts"

/** A stage's outputs by name, and the SHA-256 of all of them. */
export interface StageOutcome {
  readonly outputs: Recorded
  readonly digest: string
}

/** Options of running a stage, besides its input. */
export interface RunStageOptions {
  /** Sizes of other stages that it needs, such as those of a pipeline. */
  readonly sizes?: Sizes
  /** Engine of a tensor stage; by default the reference engine. */
  readonly engine?: Engine
  /** Access to captions, from which a vocabulary is learned, and caches; by default there are none. */
  readonly hostContext?: HostContext
}

const alone: HostContext = { openCache: noCaches, corpus: () => Effect.succeed(Stream.empty) }

const wrong = (stage: Stage) => (cause: unknown) =>
  cause instanceof WiringError ? cause : new WiringError({ pipeline: stage.as, problem: oneLine(cause) })

const asSample = (fields: Fields, input: Recorded): Recorded =>
  Object.fromEntries(
    Object.keys(fields).map((name) => {
      const given = input[name]
      return [name, isRecordedTensor(given) ? given.data : given]
    })
  )

const missing = (stage: Stage, input: Recorded): WiringError | undefined => {
  const name = Object.keys(stage.reads).find((field) => field !== "id" && input[field] === undefined)
  return name === undefined
    ? undefined
    : new WiringError({ pipeline: stage.as, problem: `${stage.stage} reads '${name}', which is not in the input` })
}

const runHostStage = Effect.fnUntraced(function* (stage: HostStage, input: Recorded, key: Key | null, options: RunStageOptions) {
  const fault = missing(stage, input)
  if (fault) return yield* fault
  const { prepare } = yield* openStage(stage, options.hostContext ?? alone)
  const prepared = yield* prepare({ ...asSample(stage.reads, input), id: input["id"] ?? "recorded" })
  const drawn = yield* Effect.try({ try: () => stage.draw(prepared, key), catch: wrong(stage) })
  const sizes = { ...options.sizes, ...stage.sizes }
  return yield* Effect.try({
    try: () =>
      Object.fromEntries(
        Object.entries(stage.adds).map(([name, field]) => {
          if (!("dtype" in field)) return [name, drawn[name]]
          const data = field.stored ? fromBytes(drawn[name] as Uint8Array, field.stored) : drawn[name]
          const tensor = { dtype: field.dtype, shape: shapeOf(field.dims, sizes), data } as RecordedTensor
          return [name, tensor]
        })
      ),
    catch: wrong(stage)
  })
})

const runTensorStage = Effect.fnUntraced(function* (stage: TensorStage, input: Recorded, key: Key, options: RunStageOptions) {
  const { program, feeds } = yield* Effect.try({ try: () => stageProgram(stage, input, key, options.sizes), catch: wrong(stage) })
  const session = yield* (options.engine ?? reference).open({}, { threads: 1 })
  const executable = yield* session.compile(stage.as, program)
  const numbers = yield* executable.run(feeds)
  return Object.fromEntries(
    program.outputs.map(({ name, value }): [string, RecordedTensor] => {
      const { shape, dtype } = program.values[value]!
      return [name, { dtype, shape: [...shape], data: numbers[name]! }]
    })
  )
})

/**
 * Runs one stage alone on a recorded input: the same stage, input and key give the same outputs and digest, on any machine for a
 * host stage, and on the same engine for a tensor stage.
 *
 * A host stage reads one sample (`prepare`, then `draw` with the key; `null` disables randomness). A tensor stage reads a batch;
 * its noise, parameters and state are drawn from the key unless the input has them (`stageProgram`). Errors are one line that
 * names the field.
 */
export const runStage = Effect.fn("pipeline.runStage")(function* (
  stage: Stage,
  input: Recorded,
  key: Key | null,
  options: RunStageOptions = {}
) {
  if (stage.kind === "tensor" && key === null)
    return yield* new WiringError({
      pipeline: stage.as,
      problem: `${stage.stage} needs a key: its parameters and noise come from it`
    })
  const outputs: Recorded =
    stage.kind === "host" ? yield* runHostStage(stage, input, key, options) : yield* runTensorStage(stage, input, key!, options)
  return { outputs, digest: recordedDigest(outputs) } satisfies StageOutcome
})
