import { Effect, Schema } from "effect"
import type { Source } from "../../data/source.ts"
import type { Stages } from "../../pipeline/task.ts"
import type { TrainedSet } from "../../pipeline/weight-set.ts"
import { derive, key } from "../../random/key.ts"
import { type CompiledEncoders, compileEncoders, encodersOf } from "../encoders.ts"
import { listItems } from "../items.ts"
import { needItems } from "../skipped-text.ts"
import type { Outcome, TrainedModel } from "../task.ts"
import { chooseExamples, Examples } from "./examples.ts"
import type { Leading } from "./leading.ts"
import { candidatesOf, type Retrieval, retrieve, retrieveDefaults } from "./retrieve.ts"

/** A model and the data to evaluate it on. */
export interface RetrievalInputs extends TrainedModel {
  readonly source: Source
}

/** Options of retrieval; defaults: the student's weights, 128 candidates, all captions, 8 examples in each direction. */
export interface RetrievalOptions {
  readonly who?: TrainedSet
  readonly k?: number
  readonly batch?: number
  readonly stateBytes?: number
  /** Maximum number of captions per sample. */
  readonly captions?: number
  readonly examples?: number
  /** Ranking to report first, whose answers are the examples; re-ranked by default. */
  readonly leading?: Leading
  /** Chain that scores pairs for re-ranking; without it candidates are ordered by cosine similarity alone. */
  readonly chain?: Stages
  /** Encoders already compiled for the same weights and chain; their batch size applies. */
  readonly compiled?: CompiledEncoders
}

/** Details of retrieval besides its recalls: the number of re-ranked candidates, and example answers. */
export const RetrievalDetails = Schema.Struct({ candidates: Schema.Int, examples: Examples })
export type RetrievalDetails = typeof RetrievalDetails.Type

/**
 * Evaluates retrieval of a model on a source: lists the items, compiles the encoders, and retrieves in both directions. Errors:
 * `EvaluateError`, `EngineError`, `SampleError`.
 */
export const evaluateRetrieval = Effect.fn("retrieval.evaluate")(function* (
  inputs: RetrievalInputs,
  options: RetrievalOptions = {}
) {
  const { session, pipeline, layout, host, source } = inputs
  const { who = "student", captions, examples = 8, leading, chain, compiled: before, ...given } = options
  const asked = { ...retrieveDefaults, ...given }
  const items = yield* listItems(source, host, captions)
  yield* needItems("retrieval", items)
  const encoding = { batch: asked.batch, who, ...(chain ? { chain } : {}) }
  const compiled = before ?? (yield* compileEncoders(session, pipeline, layout, encoding))
  const settings = { ...asked, batch: compiled.batch }
  const encoders = encodersOf(compiled, host, source, items)
  const { metrics, rankings } = yield* retrieve(encoders.images, encoders.texts, encoders.score, settings)
  const shown = chooseExamples(rankings, items, examples, derive(key(pipeline.training.seed), "examples"), leading?.ranking)
  const outcome: Outcome<Retrieval, RetrievalDetails> = {
    metrics: { ...metrics, ...(leading === undefined ? {} : { leading }) },
    details: { candidates: candidatesOf(settings.k), examples: shown },
    skipped: items.skipped
  }
  return outcome
})
