import { Schema } from "effect"
import { defineStage, type TypeOfSettings } from "../../lib/pipeline/define-stage.ts"
import { type AddsOf, type ReadsOf, stageOf } from "../../lib/pipeline/part.ts"
import type { TensorStage } from "../../lib/pipeline/stage.ts"
import { checkModel, Model } from "./model.ts"
import { Pass, type PassPart, passPart, presets } from "./passes.ts"

export { dualEncoder } from "./model.ts"
export { sizes } from "./sizes.ts"

/** Settings of `encode`: a model (`dualEncoder`) and what it is run on, each a pass or the name of a preset. */
const EncodeSettings = Schema.Struct({
  model: Model,
  passes: Schema.NonEmptyArray(Schema.Union([Schema.Literals(Object.keys(presets) as readonly (keyof typeof presets)[]), Pass]))
})

type PassesOf<S> = S extends { readonly passes: readonly (infer P)[] } ? (P extends unknown ? PassPart<P> : never) : never

interface Encode extends TypeOfSettings {
  readonly type: TensorStage<"encode", ReadsOf<PassesOf<this["settings"]>>, AddsOf<PassesOf<this["settings"]>>>
}

const kind = defineStage<Encode>()("encode", EncodeSettings, (settings, as) => {
  const { image, text, embedding } = checkModel(settings.model)
  const sizes = { width: image.width, embedding, vocabulary: text.vocabulary }
  return stageOf(
    { stage: "encode", as, version: 1, settings, sizes },
    settings.passes.map((pass) => passPart(settings.model, pass))
  ) as TensorStage
})

/**
 * Turns images and texts into states: a vision transformer and a text transformer, run on what `passes` says (method.md §2).
 * Throws a `SettingsError` for settings that it does not have.
 */
export const encode = kind.stage

/** What the loader makes the stage from. */
export const definition = kind.definition
