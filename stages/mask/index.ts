import type { Schema } from "effect"
import { defineStage, type TypeOfSettings } from "../../lib/pipeline/define-stage.ts"
import { type AddsOf, type Part, type ReadsOf, stageOf } from "../../lib/pipeline/part.ts"
import { oneOf, type PartsIn, partsIn, slotSettings } from "../../lib/pipeline/slot.ts"
import type { Sizes, TensorStage } from "../../lib/pipeline/stage.ts"
import { blockWise } from "./block-wise.ts"
import { random } from "./random.ts"
import { textGuided } from "./text-guided.ts"
import { completedTokens, idsAlone, tokens, tokensPart } from "./tokens.ts"

export { blockWise } from "./block-wise.ts"
// Building blocks of custom strategies.
export { largest, maskedCount } from "./choice.ts"
export { type ImageStrategy, imagePart } from "./image.ts"
export { gumbelNoise, orderNoise } from "./noise.ts"
export { random } from "./random.ts"
export { textGuided } from "./text-guided.ts"
export { tokens } from "./tokens.ts"

const images = { image: oneOf(textGuided, random, blockWise) }
const slots = { ...images, text: oneOf(tokens) }

/** Settings of `mask`: the masking of patches and of tokens, either or both. */
const MaskSettings = slotSettings(slots)
type Given = Schema.Schema.Type<typeof MaskSettings>

interface Mask extends TypeOfSettings {
  readonly type: TensorStage<
    "mask",
    ReadsOf<PartsIn<typeof slots, this["settings"]>>,
    AddsOf<PartsIn<typeof slots, this["settings"]>>
  >
}

/** Makes the stage; `size` is the number of ids of the opened vocabulary. */
const made = (settings: Given, as: string, size?: number): TensorStage<"mask"> => {
  const { text } = settings
  const ids = text && idsAlone(text)
  const parts: readonly Part[] = [
    ...partsIn(images, settings),
    ...(text && ids ? [tokensPart(text, { ...ids, size: size ?? ids.size })] : [])
  ]
  const sizes: Sizes = text?.vocabulary === undefined ? {} : { vocabulary: text.vocabulary }
  const stage: TensorStage<"mask"> = stageOf({ stage: "mask", as, version: 1, settings, sizes }, parts)
  if (!text) return stage
  return {
    ...stage,
    ...(text.special?.mask === undefined ? { needsVocabulary: ["tokens"] } : {}),
    completed: ({ tokens }) => {
      if (!tokens) return made(settings, as, size)
      const told = { ...text, ...completedTokens(`${as}.text`, text, tokens) }
      return made({ ...settings, text: told }, as, "size" in tokens ? tokens.size : size)
    }
  }
}

const kind = defineStage<Mask>()("mask", MaskSettings, (settings, as) => made(settings, as))

/**
 * Chooses what is masked: patches (`textGuided`, `random`, `blockWise`) and words (`tokens`), method.md §3. Throws a
 * `SettingsError` for unknown settings.
 */
export const mask = kind.stage

/** Definition from which the loader makes the stage. */
export const definition = kind.definition
