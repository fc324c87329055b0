import { Effect } from "effect"
import type { ReadyStage } from "../../data/host/ready-stage.ts"
import type { Source } from "../../data/source.ts"
import type { EngineSession } from "../../engine/engine.ts"
import type { Layout } from "../../model/layout.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import type { TrainedSet } from "../../pipeline/weight-set.ts"
import { derive, key } from "../../random/key.ts"
import type { Environment } from "../../run-folder/environment.ts"
import { type CompiledEncoders, compileEncoders, encodersOf } from "../encoders.ts"
import type { Evaluation } from "../evaluation.ts"
import { listItems } from "../items.ts"
import { needItems } from "../skipped-text.ts"
import { chooseExamples } from "./examples.ts"
import type { Leading } from "./leading.ts"
import { candidatesOf, retrieval, retrievalDefaults } from "./retrieval.ts"

/** A model and the data it is evaluated on. */
export interface RetrievalInputs {
  /** A session whose buffers `student` and `teacher` hold the parameters, e.g. a training run's. */
  readonly session: EngineSession
  readonly pipeline: Pipeline
  readonly layout: Layout
  /** The pipeline's host stages. */
  readonly host: readonly ReadyStage[]
  readonly source: Source
  /** For evaluation.json. */
  readonly step: number | null
  /** Where it is computed, for evaluation.json. */
  readonly environment?: Environment
}

/** How: defaults are the student's weights, 128 candidates, all captions, 8 examples each way. */
export interface RetrievalOptions {
  readonly who?: TrainedSet
  readonly k?: number
  readonly batch?: number
  readonly stateBytes?: number
  /** The most captions taken of each sample. */
  readonly captions?: number
  readonly examples?: number
  /** The ranking that leads, whose answers are the examples; re-ranked ones unless given. */
  readonly leading?: Leading
  /** Encoders that were compiled before, for the same weights: their batch counts. */
  readonly compiled?: CompiledEncoders
}

/**
 * Measures retrieval of a model on a source: lists the items, compiles the encoders, and retrieves both ways.
 * Errors: `EvaluateError`, `EngineError`, `SampleError`.
 */
export const evaluateRetrieval = Effect.fn("evaluate.evaluateRetrieval")(function* (
  inputs: RetrievalInputs,
  options: RetrievalOptions = {}
) {
  const { session, pipeline, layout, host, source } = inputs
  const { who = "student", captions, examples = 8, leading, compiled: before, ...given } = options
  const asked = { ...retrievalDefaults, ...given }
  const start = performance.now()
  const items = yield* listItems(source, host, captions)
  yield* needItems("retrieval", items)
  const compiled = before ?? (yield* compileEncoders(session, pipeline, layout, { batch: asked.batch, who }))
  const settings = { ...asked, batch: compiled.batch }
  const encoders = encodersOf(compiled, host, source, items)
  const { metrics, rankings } = yield* retrieval(encoders.images, encoders.texts, encoders.score, settings)
  const evaluation: Evaluation = {
    retrieval: { ...metrics, ...(leading === undefined ? {} : { leading }) },
    data: { name: source.name, digest: source.digest },
    model: { pipeline: pipeline.name, weights: who, step: inputs.step },
    ...(inputs.environment === undefined ? {} : { environment: inputs.environment }),
    candidates: candidatesOf(settings.k),
    seconds: (performance.now() - start) / 1000,
    skipped: items.skipped,
    examples: chooseExamples(rankings, items, examples, derive(key(pipeline.training.seed), "examples"), leading?.ranking)
  }
  return evaluation
})
