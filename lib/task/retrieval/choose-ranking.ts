import { Effect } from "effect"
import type { Source } from "../../data/source.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import { derive, type Key, key } from "../../random/key.ts"
import { heldOutParts } from "../subset.ts"
import { evaluateRetrieval, type RetrievalInputs, type RetrievalOptions } from "./evaluate-retrieval.ts"
import { betterRanking, cosineLeads, fewestPairs, type Leading } from "./leading.ts"
import { candidatesOf, retrievalDefaults } from "./retrieval.ts"

/** The key by which held-out pairs are drawn. */
export const heldOutKey = ({ training }: Pipeline): Key => derive(key(training.seed), "evaluate")

/** The most pairs that rankings are compared on, and how many where a pipeline evaluates nothing by itself. */
const most = 400
const unlessEvaluated = 100

/** How many pairs choices are made by, where so many are evaluated: as many, within bounds. */
const wanted = (test: number): number => (test === 0 ? unlessEvaluated : Math.max(fewestPairs, Math.min(most, test)))

/** Held-out pairs that choices are made by, or in words why there are none. */
export type Validation = { readonly source: Source } | { readonly lacks: string }

/** What a pipeline calls its held-out data: a worker may read the same from shards of its own. */
const nameOf = ({ source }: Pipeline, { name }: Source): string => source.heldOut ?? name

/** The held-out pairs of a source beside the first `test` that a pipeline is measured on, at most `count` of them. */
export const validationOf = (heldOut: Source, pipeline: Pipeline, test: number, count = wanted(test)): Validation => {
  const all = heldOut.count
  const name = nameOf(pipeline, heldOut)
  const { validation } = heldOutParts(heldOut, test, Math.max(fewestPairs, count), heldOutKey(pipeline))
  if (validation.count >= fewestPairs) return { source: validation }
  return {
    lacks:
      test >= all
        ? `all ${all} held-out pairs of ${name} are test pairs (evaluate=${test})`
        : `${validation.count} of the ${all} held-out pairs of ${name} are apart from the test pairs (evaluate=${test}), fewer than ${fewestPairs}`
  }
}

/**
 * The ranking that leads a model's figures: the one that is better on validation pairs, one caption each, or cosine alone where
 * they cannot be compared, with the reason. Errors: `EngineError`, `SampleError`.
 */
export const chooseRanking = Effect.fn("evaluate.chooseRanking")(function* (
  model: Omit<RetrievalInputs, "source">,
  validation: Validation,
  options: Pick<RetrievalOptions, "who" | "batch" | "k" | "compiled"> = {}
) {
  const candidates = candidatesOf(options.k ?? retrievalDefaults.k)
  if (model.pipeline.score.length === 0) return cosineLeads(0, "the pipeline has no stages that score pairs")
  if ("lacks" in validation) return cosineLeads(candidates, `re-ranking could not be compared with it: ${validation.lacks}`)
  const { source } = validation
  const data = nameOf(model.pipeline, source)
  const compare = Effect.gen(function* () {
    const { retrieval } = yield* evaluateRetrieval({ ...model, source }, { ...options, captions: 1, examples: 0 })
    const { images: pairs, dual, ...reranked } = retrieval
    if (pairs >= fewestPairs) return betterRanking({ data, pairs, reranked, dual }, candidates)
    const few = `${pairs} of ${source.count} validation pairs of ${data} can be used, fewer than ${fewestPairs}`
    return cosineLeads(candidates, `re-ranking could not be compared with it: ${few}`)
  })
  return yield* Effect.catchTag(compare, "EvaluateError", (error) =>
    Effect.succeed<Leading>(cosineLeads(candidates, `re-ranking could not be compared with it: ${error.message}`))
  )
})
