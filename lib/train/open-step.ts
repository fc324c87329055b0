import { Effect } from "effect"
import type { Engine } from "../engine/engine.ts"
import { WeightsError } from "../error/weights-error.ts"
import { type FrozenWeights, frozenContents, noFrozen } from "../model/frozen-contents.ts"
import { parameterLayout } from "../model/layout.ts"
import { stateBuffers } from "../model/state-buffers.ts"
import { WiringError } from "../pipeline/errors.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { accumulatingStep, accumulationPrograms } from "./accumulate/step.ts"
import { trainingProgram } from "./step.ts"

/**
 * Runs a function; its `WiringError` (stages that do not fit) or `WeightsError` (a frozen set that does not fit) becomes a
 * failure.
 */
const fitting = <A>(make: () => A): Effect.Effect<A, WiringError | WeightsError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(make())
    } catch (error) {
      if (error instanceof WiringError || error instanceof WeightsError) return Effect.fail(error)
      throw error
    }
  })

/** Pipeline of the step, and the engine that runs it. */
export interface StepInputs {
  readonly pipeline: Pipeline
  readonly engine: Engine
  readonly threads: number
  /** Parameters of its frozen sets; none by default. */
  readonly frozen?: FrozenWeights
}

/**
 * Opens an engine's session with the buffers that a pipeline's training step needs, for a whole batch or (`microBatch`) for
 * micro-batches; `compile` makes the step, once the buffers have their contents. Frozen sets are filled from the start.
 */
export const openStep = Effect.fnUntraced(function* ({ pipeline, engine, threads, frozen = noFrozen }: StepInputs) {
  const { microBatch, batch, recompute } = pipeline.training
  const layout = yield* fitting(() => parameterLayout(pipeline))
  const programs = microBatch > 0 && microBatch < batch ? yield* fitting(() => accumulationPrograms(pipeline, layout)) : undefined
  const session = yield* engine.open({ ...stateBuffers(pipeline, layout), ...programs?.buffers }, { threads, recompute })
  const fixed = yield* fitting(() => frozenContents(layout, frozen))
  for (const [buffer, numbers] of fixed) yield* session.write(buffer, 0, numbers)
  const whole = Effect.flatMap(
    fitting(() => trainingProgram(pipeline, layout, batch)),
    (program) => session.compile("step", program)
  )
  return { layout, session, compile: programs ? accumulatingStep(session, pipeline, programs) : whole }
})
