import { Schema } from "effect"
import { type AddsOf, type ReadsOf, stageOf } from "../../lib/pipeline/part.ts"
import { type Bound, checkSettings, type Known, type StageDefinition } from "../../lib/pipeline/settings.ts"
import type { TensorStage } from "../../lib/pipeline/stage.ts"
import { checkFusion, Fusion } from "./fusion.ts"
import { type Passes, passes } from "./passes.ts"

export { crossModal } from "./fusion.ts"

/** Settings of `fuse`: cross-modal layers (`crossModal`) and what they are run on. */
export const FuseSettings = Schema.Struct({
  fusion: Fusion,
  passes: Schema.NonEmptyArray(Schema.Literals(["whole", "attention", "maskedImage", "maskedText", "negatives"]))
})
type Given = typeof FuseSettings.Encoded

type PassesOf<S> = S extends { readonly passes: readonly (infer P extends keyof Passes)[] } ? Passes[P] : never
type Fuse<S> = TensorStage<"fuse", ReadsOf<PassesOf<S>>, AddsOf<PassesOf<S>>>

const make = (given: unknown, as = "fuse") => {
  const settings = checkSettings("fuse", FuseSettings, given)
  checkFusion(settings.fusion)
  return stageOf(
    { stage: "fuse", as, version: 1, settings, sizes: { width: settings.fusion.width } },
    settings.passes.map((name) => passes[name](settings.fusion))
  )
}

/**
 * Lets images and texts attend to each other, in both streams (method.md §4), on what `passes` names.
 * Throws a `SettingsError` for settings that it does not have.
 */
export const fuse = <const S extends Bound<Given>>(settings: Known<"fuse", Given, S>, as?: string): Fuse<S> =>
  make(settings, as) as unknown as Fuse<S> // the passes named at run time are those of the type

/** What the loader makes the stage from. */
export const definition: StageDefinition = { name: "fuse", settings: FuseSettings, make }
