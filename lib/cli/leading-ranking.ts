import { Effect } from "effect"
import type { Source } from "../data/source.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { TrainedSet } from "../pipeline/weight-set.ts"
import { readMetrics } from "../run-folder/metrics.ts"
import { readEvaluation } from "../task/evaluation.ts"
import { type Apart, apartFrom, apartSentence } from "../task/retrieval/apart.ts"
import { chooseRanking, type Validation, validationOf } from "../task/retrieval/choose-ranking.ts"
import type { RetrievalInputs, RetrievalOptions } from "../task/retrieval/evaluate-retrieval.ts"
import { fewestPairs, type Leading } from "../task/retrieval/leading.ts"
import { candidatesOf } from "../task/retrieval/retrieval.ts"
import { untrainedMatching } from "../task/retrieval/untrained.ts"
import type { FoundModel } from "./model-of.ts"
import type { CliTables } from "./tables.ts"

/** A model's folder, what was found in it, whose weights are wanted, and the pairs that are measured now. */
export interface ModelPlace {
  readonly folder: string
  readonly model: FoundModel
  readonly who: TrainedSet
  readonly measured: Source
  /** All the data that those are taken from. */
  readonly whole: Source
}

/** The ranking that leads, and what is to be said of the pairs that it was chosen on where they are not others than the measured ones. */
export interface Led {
  readonly leading: Leading
  readonly note: string | undefined
}

/** What was recorded of these very weights: by an export in its config, by a run in its evaluation.json (which may be damaged). */
const recordedRanking = Effect.fnUntraced(function* ({ folder, model, who }: ModelPlace) {
  if (model.ranking) return model.ranking
  const found = yield* readEvaluation(folder).pipe(Effect.orElseSucceed(() => undefined))
  return found && found.model.step === model.step && found.model.weights === who ? found.retrieval.leading : undefined
})

/** Pairs that a choice is made by, and how they relate to the measured ones. */
interface Own {
  readonly validation: Validation
  readonly relation: Pick<Apart, "same" | "alike">
}

const others = { same: 0, alike: 0 }

/** A pipeline's held-out data, or in words why they are not to be had here. */
const heldOutOf = ({ name, source: { heldOut } }: Pipeline, whole: Source, { openSource }: CliTables) => {
  if (heldOut === null) return Effect.succeed<Validation>({ lacks: `${name} has no held-out data` })
  if (heldOut === whole.name) return Effect.succeed<Validation>({ source: whole })
  return openSource(heldOut).pipe(
    Effect.map((source): Validation => ({ source })),
    Effect.catch((error) => Effect.succeed<Validation>({ lacks: `${heldOut} cannot be read (${error.message})` }))
  )
}

/** The pairs that a run's choice was made by, and how they relate to the measured ones. */
const runsOwn = Effect.fnUntraced(function* (heldOut: Source, pipeline: Pipeline, { measured, whole }: ModelPlace) {
  const validation = validationOf(heldOut, pipeline, pipeline.training.evaluate)
  const apart = "lacks" in validation ? undefined : yield* apartFrom([validation.source, heldOut], [measured, whole])
  return { validation, apart }
})

/**
 * Pairs of the held-out data to compare rankings on: those of the run that are not measured now, or where they are too few others of
 * the data; where there are none, those of the run, which are then said to be measured, or none.
 */
const ownValidation = Effect.fnUntraced(function* (heldOut: Source, pipeline: Pipeline, place: ModelPlace) {
  const { measured, whole } = place
  const { validation, apart } = yield* runsOwn(heldOut, pipeline, place)
  if (apart && apart.others.count >= fewestPairs) return { validation: { source: apart.others }, relation: others } satisfies Own
  const more = validationOf(heldOut, pipeline, heldOut.digest === whole.digest ? measured.count : 0)
  if ("source" in more) {
    const rest = yield* apartFrom([more.source, heldOut], [measured, whole])
    if (rest.others.count >= fewestPairs) return { validation: { source: rest.others }, relation: others } satisfies Own
    const taken = more.source.count - rest.others.count
    const lacks = `${taken} of ${more.source.count} held-out pairs of ${pipeline.source.heldOut} are among those measured, by image, id or captions`
    if (!apart) return { validation: { lacks }, relation: others } satisfies Own
  }
  return { validation, relation: apart ?? others } satisfies Own
})

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
  if (recorded?.candidates === 0) return { leading: recorded, note: undefined } satisfies Led
  const heldOut = yield* heldOutOf(pipeline, place.whole, tables)
  if (recorded?.validation && recorded.candidates === candidatesOf(options.k)) {
    const { apart } = "lacks" in heldOut ? { apart: undefined } : yield* runsOwn(heldOut.source, pipeline, place)
    const unknown = `whether the pairs that the ranking was chosen on are among them cannot be told${"lacks" in heldOut ? `: ${heldOut.lacks}` : ""}`
    const note = apart ? apartSentence(apart, apart.others.count + apart.same + apart.alike) : unknown
    return { leading: recorded, note } satisfies Led
  }
  const { validation, relation } =
    "lacks" in heldOut ? { validation: heldOut, relation: others } : yield* ownValidation(heldOut.source, pipeline, place)
  const chosen = yield* chooseRanking(opened, validation, options)
  const metrics = yield* readMetrics(place.folder).pipe(Effect.orElseSucceed(() => []))
  const { step } = place.model
  const own = metrics.filter((line) => step === null || line.step <= step)
  const untrained = untrainedMatching(pipeline, own) ?? recorded?.untrained
  const leading: Leading = { ...chosen, ...(untrained === undefined ? {} : { untrained }) }
  const note = chosen.validation && "source" in validation ? apartSentence(relation, validation.source.count) : undefined
  return { leading, note } satisfies Led
})
