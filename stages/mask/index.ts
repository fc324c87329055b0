import { Schema } from "effect"
import { type AddsOf, type Part, type ReadsOf, stageOf } from "../../lib/pipeline/part.ts"
import { type Bound, checkSettings, type Known, type StageDefinition } from "../../lib/pipeline/settings.ts"
import type { Sizes, TensorStage } from "../../lib/pipeline/stage.ts"
import type { Fields } from "../../lib/tensor/field.ts"
import { BlockWise, blockWiseStrategy } from "./block-wise.ts"
import { type ImageStrategy, type imageAdds, imagePart } from "./image.ts"
import { Random, randomStrategy } from "./random.ts"
import type { relevanceReads } from "./relevance.ts"
import { TextGuided, textGuidedStrategy } from "./text-guided.ts"
import { completedTokens, idsAlone, Tokens, tokensPart } from "./tokens.ts"

export { blockWise } from "./block-wise.ts"
// Building blocks of custom strategies.
export { largest, maskedCount } from "./choice.ts"
export { type ImageStrategy, imagePart } from "./image.ts"
export { gumbelNoise, orderNoise } from "./noise.ts"
export { random } from "./random.ts"
export { textGuided } from "./text-guided.ts"
export { tokens } from "./tokens.ts"

/** Settings of `mask`: the masking of patches and of tokens, either or both. */
export const MaskSettings = Schema.Struct({
  image: Schema.optionalKey(Schema.Union([TextGuided, Random, BlockWise])),
  text: Schema.optionalKey(Tokens)
})
type Given = typeof MaskSettings.Type

const strategies = { textGuided: textGuidedStrategy, random: randomStrategy, blockWise: blockWiseStrategy }

type ImageReads<I> = I extends { readonly relevance: infer R extends keyof typeof relevanceReads }
  ? (typeof relevanceReads)[R]
  : {}
type ImagePartOf<S> = S extends { readonly image: infer I } ? Part<ImageReads<I>, typeof imageAdds> : never
type TextPartOf<S> = S extends { readonly text: unknown } ? ReturnType<typeof tokensPart> : never
type PartsOf<S> = ImagePartOf<S> | TextPartOf<S>
type Mask<S> = TensorStage<"mask", ReadsOf<PartsOf<S>>, AddsOf<PartsOf<S>>>

const imageStrategy = (settings: NonNullable<Given["image"]>): ImageStrategy => strategies[settings._tag](settings as never) // the row is the one of the tag

/** Makes the stage; `size` is the number of ids of the opened vocabulary. */
const made = (settings: Given, as: string, size?: number): TensorStage<"mask", Fields, Fields> => {
  const { image, text } = settings
  const alone = text && idsAlone(text)
  const parts: readonly Part[] = [
    ...(image ? [imagePart(imageStrategy(image))] : []),
    ...(text && alone ? [tokensPart(text, { ...alone, size: size ?? alone.size })] : [])
  ]
  const sizes: Sizes = text?.vocabulary === undefined ? {} : { vocabulary: text.vocabulary }
  const stage = stageOf({ stage: "mask", as, version: 1, settings, sizes }, parts)
  if (!text) return stage
  return {
    ...stage,
    ...(text.special?.mask === undefined ? { needsVocabulary: ["tokens"] } : {}),
    completed: ({ tokens }) => {
      if (!tokens) return made(settings, as, size)
      const told = completedTokens(`${as}.text`, text, tokens)
      return made({ ...settings, text: told }, as, "size" in tokens ? tokens.size : size)
    }
  }
}

const make = (given: unknown, as = "mask") => made(checkSettings("mask", MaskSettings, given), as)

/**
 * Chooses what is masked: patches (`textGuided`, `random`, `blockWise`) and words (`tokens`), method.md §3. Throws a
 * `SettingsError` for unknown settings.
 */
export const mask = <const S extends Bound<Given>>(settings: Known<"mask", Given, S>, as?: string): Mask<S> =>
  make(settings, as) as unknown as Mask<S> // the parts made at run time are those of the type

/** Definition from which the loader makes the stage. */
export const definition: StageDefinition = { name: "mask", settings: MaskSettings, make }
