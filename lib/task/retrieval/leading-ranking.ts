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

/** The ranking to report first, and a note on the pairs that it was chosen on where they overlap the test pairs. */
export interface Led {
  readonly leading: Leading
  readonly note: string | undefined
}

/** Options of comparing rankings. */
export interface RankingOptions extends Required<Pick<RetrievalOptions, "k" | "who" | "batch" | "compiled">> {
  readonly chain: Stages
  /** Number of test pairs of a run, which the comparison avoids. */
  readonly test: TestSize
}

/** Pairs to choose on, and how they relate to the test pairs. */
interface Own {
  readonly validation: Validation
  readonly relation: Pick<Apart, "same" | "alike">
}

const others = { same: 0, alike: 0 }

/** Returns the pairs that a run's choice was made on, and how they relate to the test pairs. */
const runsOwn = Effect.fnUntraced(function* (heldOut: Source, { pipeline, source, whole }: TaskInputs, test: TestSize) {
  const validation = validationOf(heldOut, pipeline, test)
  const apart = "lacks" in validation ? undefined : yield* apartFrom([validation.source, heldOut], [source, whole])
  return { validation, apart }
})

/**
 * Returns pairs of the held-out data to compare rankings on: the run's pairs that are not test pairs now or, where those are too
 * few, other pairs of the data; where there are none, the run's pairs, marked as test pairs, or none.
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

/** Chooses at the end of a run: on held-out pairs that are not test pairs. */
const atEnd = (inputs: TaskInputs, options: RankingOptions) =>
  chooseRanking(inputs, validationOf(inputs.whole, inputs.pipeline, options.test), options)

/**
 * Chooses for a model on any data: as recorded where rankings were compared for the same number of candidates, else by a new
 * comparison.
 */
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
 * Determines the ranking to report first: the better one on held-out pairs that are not test pairs; and whether the matching head
 * that re-ranks is trained at all. Errors: `EngineError`, `SampleError`.
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
