import { Schema } from "effect"
import { type AddsOf, type Part, type ReadsOf, stageOf } from "../../lib/pipeline/part.ts"
import { type Bound, checkSettings, type Known, type StageDefinition } from "../../lib/pipeline/settings.ts"
import type { TensorStage } from "../../lib/pipeline/stage.ts"
import { Agreement, agreementPart, MutualAgreement, mutualAgreementPart } from "./agreement.ts"
import { Itc, itcPart } from "./itc.ts"
import { Itm, itmPart, scorePart } from "./itm.ts"

export { agreement, mutualAgreement } from "./agreement.ts"
export { itc } from "./itc.ts"
export { itm } from "./itm.ts"

/** Settings of `align`: which of its losses, and whether matches are scored. */
export const AlignSettings = Schema.Struct({
  contrastive: Schema.optionalKey(Schema.Union([Itc])),
  agreement: Schema.optionalKey(Schema.Union([Agreement, MutualAgreement])),
  matching: Schema.optionalKey(Schema.Union([Itm])),
  /** Adds how likely each image and text belong together: what retrieval re-ranks by. */
  score: Schema.optionalKey(Schema.Literal(true))
})
type Given = typeof AlignSettings.Type

const kinds = { itc: itcPart, agreement: agreementPart, mutualAgreement: mutualAgreementPart, itm: itmPart }
type Kinds = { readonly [T in keyof typeof kinds]: ReturnType<(typeof kinds)[T]> }

type PartOf<V> = V extends { readonly _tag: infer T extends keyof Kinds }
  ? Kinds[T]
  : V extends true
    ? ReturnType<typeof scorePart>
    : never
type PartsOf<S> = { [K in keyof S]: PartOf<S[K]> }[keyof S]
type Align<S> = TensorStage<"align", ReadsOf<PartsOf<S>>, AddsOf<PartsOf<S>>>

const make = (given: unknown, as = "align") => {
  const settings = checkSettings("align", AlignSettings, given)
  const chosen = [settings.contrastive, settings.agreement, settings.matching].filter((kind) => kind !== undefined)
  const losses: readonly Part[] = chosen.map((kind) => kinds[kind._tag](kind as never)) // the row is the one of the tag
  const parts = settings.score ? [...losses, scorePart()] : losses
  return stageOf({ stage: "align", as, version: 1, settings, sizes: {} }, parts)
}

/**
 * The losses that bring images and texts, or two views of an image, together (method.md §6).
 * Throws a `SettingsError` for settings that it does not have.
 */
export const align = <const S extends Bound<Given>>(settings: Known<"align", Given, S>, as?: string): Align<S> =>
  make(settings, as) as unknown as Align<S> // the parts made at run time are those of the type

/** What the loader makes the stage from. */
export const definition: StageDefinition = { name: "align", settings: AlignSettings, make }
