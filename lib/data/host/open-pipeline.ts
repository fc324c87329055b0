import { Effect } from "effect"
import { completed, incompleteStage, partVocabularies } from "../../pipeline/completed.ts"
import { WiringError } from "../../pipeline/errors.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import type { OpenedVocabularies } from "../../pipeline/vocabulary.ts"
import { type HostContext, openStages, type ReadyStage } from "./ready-stage.ts"

/** Collects the vocabularies of opened stages by field. */
export const vocabulariesOf = (stages: readonly ReadyStage[]): OpenedVocabularies =>
  Object.assign({}, ...stages.map(({ vocabularies }) => vocabularies))

const vocabulariesOfParts = (parts: ReadonlyMap<string, readonly ReadyStage[]>) =>
  Object.fromEntries([...parts].map(([name, stages]) => [name, vocabulariesOf(stages)]))

/**
 * Opens a pipeline's host stages and those of its parts (which learn from the main source too, unless their settings name another: texts
 * that share a model must have one vocabulary), and tells its tensor stages what those know: whatever runs a pipeline starts here, so that ids are
 * those of the vocabulary that is there. Errors: those of opening, and a `WiringError` where settings disagree with it.
 */
export const openPipeline = Effect.fn("pipeline.openPipeline")(function* (given: Pipeline, hostContext: HostContext) {
  const stages = yield* openStages(given, hostContext)
  const parts = new Map<string, readonly ReadyStage[]>()
  for (const [name, part] of Object.entries(given.parts ?? {})) parts.set(name, yield* openStages(part, hostContext))
  const known = { ...vocabulariesOf(stages), ...partVocabularies(vocabulariesOfParts(parts)) }
  const refuse = (problem: string) => new WiringError({ pipeline: given.name, problem })
  const pipeline = yield* Effect.try({
    try: () => completed(given, known),
    catch: (cause) => (cause instanceof WiringError ? cause : refuse(String(cause)))
  })
  const lacking = incompleteStage(pipeline)
  if (lacking !== undefined) return yield* refuse(lacking)
  return { pipeline, stages, parts }
})
