import { Effect, Option, Schema } from "effect"
import type { Source } from "../../data/source.ts"
import type { Stages } from "../../pipeline/task.ts"
import { fewestSamples, type TestSize, type Validation, validationOf } from "../held-out.ts"
import type { AfterRun, TaskInputs } from "../task.ts"
import { type Apart, apartFrom, apartSentence } from "./apart.ts"
import { chooseRanking } from "./choose-ranking.ts"
import type { RetrievalOptions } from "./evaluate-retrieval.ts"
import { Leading } from "./leading.ts"
import { candidatesOf } from "./retrieve.ts"
import { untrainedMatching } from "./untrained.ts"

/** The ranking that leads, and what is to be said of the pairs that it was chosen on where they are not others than the measured ones. */
export interface Led {
  readonly leading: Leading
  readonly note: string | undefined
}

/** How rankings are compared. */
export interface RankingOptions extends Required<Pick<RetrievalOptions, "k" | "who" | "batch" | "compiled">> {
  readonly chain: Stages
  /** How many pairs a run measures: others are compared on. */
  readonly test: TestSize
}

/** Pairs that a choice is made by, and how they relate to the measured ones. */
interface Own {
  readonly validation: Validation
  readonly relation: Pick<Apart, "same" | "alike">
}

const others = { same: 0, alike: 0 }

/** The pairs that a run's choice was made by, and how they relate to the measured ones. */
const runsOwn = Effect.fnUntraced(function* (heldOut: Source, { pipeline, source, whole }: TaskInputs, test: TestSize) {
  const validation = validationOf(heldOut, pipeline, test)
  const apart = "lacks" in validation ? undefined : yield* apartFrom([validation.source, heldOut], [source, whole])
  return { validation, apart }
})

/**
 * Pairs of the held-out data to compare rankings on: those of the run that are not measured now, or where they are too few others of
 * the data; where there are none, those of the run, which are then said to be measured, or none.
 */
const ownValidation = Effect.fnUntraced(function* (heldOut: Source, inputs: TaskInputs, test: TestSize) {
  const { pipeline, source: measured, whole } = inputs
  const { validation, apart } = yield* runsOwn(heldOut, inputs, test)
  if (apart && apart.others.count >= fewestSamples)
    return { validation: { source: apart.others }, relation: others } satisfies Own
  const more = validationOf(heldOut, pipeline, { ...test, count: heldOut.digest === whole.digest ? measured.count : 0 })
  if ("source" in more) {
    const rest = yield* apartFrom([more.source, heldOut], [measured, whole])
    if (rest.others.count >= fewestSamples) return { validation: { source: rest.others }, relation: others } satisfies Own
    const taken = more.source.count - rest.others.count
    const lacks = `${taken} of ${more.source.count} held-out pairs of ${pipeline.source.heldOut} are among those measured, by image, id or captions`
    if (!apart) return { validation: { lacks }, relation: others } satisfies Own
  }
  return { validation, relation: apart ?? others } satisfies Own
})

/** The choice at the end of a run: on held-out pairs beside the measured ones. */
const atEnd = (inputs: TaskInputs, options: RankingOptions) =>
  chooseRanking(inputs, validationOf(inputs.whole, inputs.pipeline, options.test), options)

/** The choice for a model on any data: as it was recorded, where it was compared for as many candidates, else anew. */
const afterwards = Effect.fnUntraced(function* (inputs: TaskInputs, options: RankingOptions, after: AfterRun) {
  const recorded = Option.getOrUndefined(Schema.decodeUnknownOption(Leading)(after.recorded))
  if (recorded?.candidates === 0) return { leading: recorded, note: undefined, recorded }
  const heldOut: Validation = yield* Effect.match(after.heldOut, {
    onSuccess: (source) => ({ source }),
    onFailure: ({ message }) => ({ lacks: message })
  })
  if (recorded?.validation && recorded.candidates === candidatesOf(options.k)) {
    const { apart } = "lacks" in heldOut ? { apart: undefined } : yield* runsOwn(heldOut.source, inputs, options.test)
    const unknown = `whether the pairs that the ranking was chosen on are among them cannot be told${"lacks" in heldOut ? `: ${heldOut.lacks}` : ""}`
    const note = apart ? apartSentence(apart, apart.others.count + apart.same + apart.alike) : unknown
    return { leading: recorded, note, recorded }
  }
  const { validation, relation } =
    "lacks" in heldOut ? { validation: heldOut, relation: others } : yield* ownValidation(heldOut.source, inputs, options.test)
  const leading = yield* chooseRanking(inputs, validation, options)
  const note = leading.validation && "source" in validation ? apartSentence(relation, validation.source.count) : undefined
  return { leading, note, recorded }
})

/**
 * The ranking that leads a model's figures: the one that is better on held-out pairs beside the measured ones, and whether what
 * re-ranks has learnt anything. Errors: `EngineError`, `SampleError`.
 */
export const leadingRanking = Effect.fn("retrieval.leadingRanking")(function* (inputs: TaskInputs, options: RankingOptions) {
  const { pipeline, metrics, afterRun } = inputs
  const chosen = afterRun
    ? yield* afterwards(inputs, options, afterRun)
    : { leading: yield* atEnd(inputs, options), note: undefined, recorded: undefined }
  const { leading, note, recorded } = chosen
  if (recorded !== undefined && leading === recorded) return { leading, note } satisfies Led
  const untrained = untrainedMatching(pipeline, options.chain, metrics) ?? recorded?.untrained
  return { leading: { ...leading, ...(untrained === undefined ? {} : { untrained }) }, note } satisfies Led
})
