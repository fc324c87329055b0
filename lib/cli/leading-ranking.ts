import { Effect } from "effect"
import { chooseRanking, type Validation, validationOf } from "../evaluate/choose-ranking.ts"
import type { RetrievalInputs, RetrievalOptions } from "../evaluate/evaluate-retrieval.ts"
import { readEvaluation } from "../evaluate/evaluation.ts"
import type { Leading } from "../evaluate/leading.ts"
import { untrainedMatching } from "../evaluate/untrained.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { Who } from "../train/fields-program.ts"
import { readMetrics } from "../train/metrics.ts"
import type { FoundModel } from "./model-of.ts"
import type { CliTables } from "./tables.ts"

/** A model's folder, what was found in it, whose weights are wanted, and how many of its pipeline's held-out pairs are measured. */
export interface ModelPlace {
  readonly folder: string
  readonly model: FoundModel
  readonly who: Who
  readonly measured: number
}

/** What was recorded of these very weights: by an export in its config, by a run in its evaluation.json (which may be damaged). */
const recordedRanking = Effect.fnUntraced(function* ({ folder, model, who }: ModelPlace) {
  if (model.ranking) return model.ranking
  const found = yield* readEvaluation(folder).pipe(Effect.orElseSucceed(() => undefined))
  return found && found.model.step === model.step && found.model.weights === who ? found.retrieval.leading : undefined
})

/**
 * The validation pairs of a pipeline's held-out data, where that can be read here: those of its run, or where that had too few others
 * than are measured now.
 */
const ownValidation = (pipeline: Pipeline, measured: number, { openSource }: CliTables) => {
  const { name, source, training } = pipeline
  const { heldOut } = source
  if (heldOut === null) return Effect.succeed<Validation>({ lacks: `${name} has no held-out data` })
  return openSource(heldOut).pipe(
    Effect.map((all) => {
      const own = validationOf(all, pipeline, training.evaluate)
      const others = "lacks" in own ? validationOf(all, pipeline, measured) : own
      return "lacks" in others ? own : others
    }),
    Effect.catch((error) => Effect.succeed<Validation>({ lacks: `${heldOut} cannot be read (${error.message})` }))
  )
}

/**
 * The ranking that leads a model's figures: as it was recorded, where it was compared for as many candidates, else the one that is
 * better on validation pairs of the pipeline's held-out data. Errors: `EngineError`, `SampleError`.
 */
export const leadingRanking = Effect.fn("cli.leadingRanking")(function* (
  place: ModelPlace,
  opened: Omit<RetrievalInputs, "source">,
  options: Required<Pick<RetrievalOptions, "k">> & Pick<RetrievalOptions, "who" | "batch" | "compiled">,
  tables: CliTables
) {
  const { pipeline } = opened
  const recorded = yield* recordedRanking(place)
  const compared = recorded?.validation && recorded.candidates === Math.max(10, options.k)
  if (recorded && (compared || recorded.candidates === 0)) return recorded
  const chosen = yield* chooseRanking(opened, yield* ownValidation(pipeline, place.measured, tables), options)
  const metrics = yield* readMetrics(place.folder).pipe(Effect.orElseSucceed(() => []))
  const { step } = place.model
  const own = metrics.filter((line) => step === null || line.step <= step)
  const untrained = untrainedMatching(pipeline, own) ?? recorded?.untrained
  return { ...chosen, ...(untrained === undefined ? {} : { untrained }) } satisfies Leading
})
