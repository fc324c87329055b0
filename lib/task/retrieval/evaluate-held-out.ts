import { Effect } from "effect"
import type { Source } from "../../data/source.ts"
import type { MetricsLine } from "../../run-folder/metrics.ts"
import { compileEncoders } from "../encoders.ts"
import { someOf } from "../subset.ts"
import { chooseRanking, heldOutKey, validationOf } from "./choose-ranking.ts"
import { evaluateRetrieval, type RetrievalInputs } from "./evaluate-retrieval.ts"
import type { Leading } from "./leading.ts"
import { retrievalDefaults } from "./retrieval.ts"
import { untrainedMatching } from "./untrained.ts"

/**
 * Measures a trained model on `evaluate` held-out pairs, one caption each, as a run does at its end: the ranking that leads is chosen
 * on other held-out pairs, and `metrics` say whether what re-ranks has learnt anything. Gives the pairs measured, too.
 *
 * Errors: `EvaluateError`, `EngineError`, `SampleError`.
 */
export const evaluateHeldOut = Effect.fn("evaluate.evaluateHeldOut")(function* (
  model: Omit<RetrievalInputs, "source">,
  heldOut: Source,
  evaluate: number,
  metrics: readonly MetricsLine[]
) {
  const { session, pipeline, layout } = model
  const { batch } = retrievalDefaults
  const compiled = yield* compileEncoders(session, pipeline, layout, { batch, who: "student" })
  const options = { k: pipeline.training.candidates, compiled }
  const chosen = yield* chooseRanking(model, validationOf(heldOut, pipeline, evaluate), options)
  const untrained = untrainedMatching(pipeline, metrics)
  const leading: Leading = { ...chosen, ...(untrained === undefined ? {} : { untrained }) }
  const source = someOf(heldOut, evaluate, heldOutKey(pipeline))
  const evaluation = yield* evaluateRetrieval({ ...model, source }, { ...options, captions: 1, leading })
  return { source, evaluation }
})
