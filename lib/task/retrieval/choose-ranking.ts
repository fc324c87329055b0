import { Effect } from "effect"
import { fewestSamples, heldOutName, type Validation } from "../held-out.ts"
import { evaluateRetrieval, type RetrievalInputs, type RetrievalOptions } from "./evaluate-retrieval.ts"
import { betterRanking, cosineLeads, type Leading } from "./leading.ts"
import { candidatesOf, retrieveDefaults } from "./retrieve.ts"

/**
 * Chooses the ranking to report first: the better one on validation pairs with one caption each, or cosine similarity alone, with
 * the reason, where the two cannot be compared. Errors: `EngineError`, `SampleError`.
 */
export const chooseRanking = Effect.fn("retrieval.chooseRanking")(function* (
  model: Omit<RetrievalInputs, "source">,
  validation: Validation,
  options: Pick<RetrievalOptions, "who" | "batch" | "k" | "chain" | "compiled"> = {}
) {
  const candidates = candidatesOf(options.k ?? retrieveDefaults.k)
  if ((options.chain?.stages.length ?? 0) === 0) return cosineLeads(0, "the pipeline has no stages that score pairs")
  if ("lacks" in validation) return cosineLeads(candidates, `re-ranking could not be compared with it: ${validation.lacks}`)
  const { source } = validation
  const data = heldOutName(model.pipeline, source)
  const compare = Effect.gen(function* () {
    const { metrics } = yield* evaluateRetrieval({ ...model, source }, { ...options, captions: 1, examples: 0 })
    const { images: pairs, dual, ...reranked } = metrics
    if (pairs >= fewestSamples) return betterRanking({ data, pairs, reranked, dual }, candidates)
    const few = `${pairs} of ${source.count} validation pairs of ${data} can be used, fewer than ${fewestSamples}`
    return cosineLeads(candidates, `re-ranking could not be compared with it: ${few}`)
  })
  return yield* Effect.catchTag(compare, "EvaluateError", (error) =>
    Effect.succeed<Leading>(cosineLeads(candidates, `re-ranking could not be compared with it: ${error.message}`))
  )
})
