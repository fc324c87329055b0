import { Schema } from "effect"
import { type AddsOf, type Part, type ReadsOf, stageOf } from "../../lib/pipeline/part.ts"
import { type Bound, checkSettings, type Known, type StageDefinition } from "../../lib/pipeline/settings.ts"
import type { TensorStage } from "../../lib/pipeline/stage.ts"
import { Mlm, mlmPart } from "./mlm.ts"
import { Semantic, semanticPart } from "./semantic.ts"

export { mlm } from "./mlm.ts"
export { prototypeHead } from "./prototype-head.ts"
export { semantic } from "./semantic.ts"

/** Settings of `reconstruct`: what masked patches and masked words are to be, either or both. */
export const ReconstructSettings = Schema.Struct({
  image: Schema.optionalKey(Schema.Union([Semantic])),
  text: Schema.optionalKey(Schema.Union([Mlm]))
})
type Given = typeof ReconstructSettings.Type

const targets = { semantic: semanticPart, mlm: mlmPart }
type Targets = { readonly [T in keyof typeof targets]: ReturnType<(typeof targets)[T]> }

type TargetOf<S> = {
  [K in keyof S]: S[K] extends { readonly _tag: infer T extends keyof Targets } ? Targets[T] : never
}[keyof S]
type Reconstruct<S> = TensorStage<"reconstruct", ReadsOf<TargetOf<S>>, AddsOf<TargetOf<S>>>

const make = (given: unknown, as = "reconstruct") => {
  const settings = checkSettings("reconstruct", ReconstructSettings, given)
  const chosen = [settings.image, settings.text].filter((target) => target !== undefined)
  const parts: readonly Part[] = chosen.map((target) => targets[target._tag](target as never)) // the row is the one of the tag
  return stageOf({ stage: "reconstruct", as, version: 1, settings, sizes: {} }, parts)
}

/**
 * The losses of masked image and masked language modelling (method.md §5): the target of each is a setting.
 * Throws a `SettingsError` for settings that it does not have.
 */
export const reconstruct = <const S extends Bound<Given>>(
  settings: Known<"reconstruct", Given, S>,
  as?: string
): Reconstruct<S> => make(settings, as) as unknown as Reconstruct<S> // the parts made at run time are those of the type

/** What the loader makes the stage from. */
export const definition: StageDefinition = { name: "reconstruct", settings: ReconstructSettings, make }
