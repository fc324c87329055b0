import { Schema } from "effect"
import { defineStage, type TypeOfSettings } from "../../lib/pipeline/define-stage.ts"
import { type AddsOf, type ReadsOf, stageOf } from "../../lib/pipeline/part.ts"
import type { TensorStage } from "../../lib/pipeline/stage.ts"
import { checkModel, Model } from "./model.ts"
import { Pass, type PassPart, passPart, presets } from "./passes.ts"

export { dualEncoder } from "./model.ts"
export { sizes } from "./sizes.ts"

/** Settings of `encode`: a model (`dualEncoder`) and its passes, each as data or by the name of a preset. */
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
 * Encodes images and texts to hidden states: a vision transformer and a text transformer, run on the inputs of each pass
 * (method.md §2). Throws a `SettingsError` for unknown settings.
 */
export const encode = kind.stage

/** Definition from which the loader makes the stage. */
export const definition = kind.definition
