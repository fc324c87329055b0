import { Schema } from "effect"
import { type AddsOf, type ReadsOf, stageOf } from "../../lib/pipeline/part.ts"
import { type Bound, checkSettings, type Known, type StageDefinition } from "../../lib/pipeline/settings.ts"
import type { TensorStage } from "../../lib/pipeline/stage.ts"
import { checkModel, Model } from "./model.ts"
import { type Passes, passes } from "./passes.ts"

export { dualEncoder } from "./model.ts"
export { sizes } from "./sizes.ts"

/** Settings of `encode`: a model (`dualEncoder`) and what it is run on. */
export const EncodeSettings = Schema.Struct({
  model: Model,
  passes: Schema.NonEmptyArray(Schema.Literals(["whole", "secondView", "maskedImage", "maskedText"]))
})
type Given = typeof EncodeSettings.Encoded

type PassesOf<S> = S extends { readonly passes: readonly (infer P extends keyof Passes)[] } ? Passes[P] : never
type Encode<S> = TensorStage<"encode", ReadsOf<PassesOf<S>>, AddsOf<PassesOf<S>>>

const make = (given: unknown, as = "encode") => {
  const settings = checkSettings("encode", EncodeSettings, given)
  const { image, text, embedding } = checkModel(settings.model)
  const sizes = { width: image.width, embedding, vocabulary: text.vocabulary }
  return stageOf(
    { stage: "encode", as, version: 1, settings, sizes },
    settings.passes.map((name) => passes[name](settings.model))
  )
}

/**
 * Turns images and texts into states: a vision transformer and a text transformer, run on what `passes` names (method.md §2).
 * Throws a `SettingsError` for settings that it does not have.
 */
export const encode = <const S extends Bound<Given>>(settings: Known<"encode", Given, S>, as?: string): Encode<S> =>
  make(settings, as) as unknown as Encode<S> // the passes named at run time are those of the type

/** What the loader makes the stage from. */
export const definition: StageDefinition = { name: "encode", settings: EncodeSettings, make }
