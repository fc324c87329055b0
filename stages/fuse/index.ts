import { Schema } from "effect"
import { defineStage, type TypeOfSettings } from "../../lib/pipeline/define-stage.ts"
import { type AddsOf, type ReadsOf, stageOf } from "../../lib/pipeline/part.ts"
import type { TensorStage } from "../../lib/pipeline/stage.ts"
import { checkFusion, Fusion } from "./fusion.ts"
import { Pass, type PassPart, passPart, presets } from "./passes.ts"

export { crossModal } from "./fusion.ts"

/** Settings of `fuse`: cross-modal layers (`crossModal`) and their passes, each as data or by the name of a preset. */
const FuseSettings = Schema.Struct({
  fusion: Fusion,
  passes: Schema.NonEmptyArray(Schema.Union([Schema.Literals(Object.keys(presets) as readonly (keyof typeof presets)[]), Pass]))
})

type PassesOf<S> = S extends { readonly passes: readonly (infer P)[] } ? (P extends unknown ? PassPart<P> : never) : never

interface Fuse extends TypeOfSettings {
  readonly type: TensorStage<"fuse", ReadsOf<PassesOf<this["settings"]>>, AddsOf<PassesOf<this["settings"]>>>
}

const kind = defineStage<Fuse>()("fuse", FuseSettings, (settings, as) => {
  checkFusion(settings.fusion)
  return stageOf(
    { stage: "fuse", as, version: 1, settings, sizes: { width: settings.fusion.width } },
    settings.passes.map((pass) => passPart(settings.fusion, pass))
  ) as TensorStage
})

/**
 * Fuses images and texts by cross-modal layers (method.md §4) on the inputs of each pass. Throws a `SettingsError` for unknown
 * settings.
 */
export const fuse = kind.stage

/** Definition from which the loader makes the stage. */
export const definition = kind.definition
