import { Effect } from "effect"
import { completed, incompleteStage } from "../../pipeline/completed.ts"
import { WiringError } from "../../pipeline/errors.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import type { OpenedVocabularies } from "../../pipeline/vocabulary.ts"
import { type HostContext, openStages, type ReadyStage } from "./ready-stage.ts"

/** Collects the vocabularies of opened stages by field. */
export const vocabulariesOf = (stages: readonly ReadyStage[]): OpenedVocabularies =>
  Object.assign({}, ...stages.map(({ vocabularies }) => vocabularies))

/**
 * Opens a pipeline's host stages, and passes their vocabularies to its tensor stages: all uses of a pipeline start here, so that
 * ids are those of the opened vocabulary. Errors: those of opening, and a `WiringError` where settings disagree with it.
 */
export const openPipeline = Effect.fn("pipeline.openPipeline")(function* (given: Pipeline, hostContext: HostContext) {
  const stages = yield* openStages(given, hostContext)
  const refuse = (problem: string) => new WiringError({ pipeline: given.name, problem })
  const pipeline = yield* Effect.try({
    try: () => completed(given, vocabulariesOf(stages)),
    catch: (cause) => (cause instanceof WiringError ? cause : refuse(String(cause)))
  })
  const lacking = incompleteStage(pipeline)
  if (lacking !== undefined) return yield* refuse(lacking)
  return { pipeline, stages }
})
