import { Schema } from "effect"
import { prefixOf } from "../../lib/pipeline/part.ts"
import { type Bound, checkSettings, count, type Known, modelName, SettingsError, setting } from "../../lib/pipeline/settings.ts"
import { imageKinds, textKinds } from "./kinds.ts"
import type { Size } from "./sizes.ts"

const defaultName = "model"
// Without a default, so that models written before have the same digest.
const kind = {
  image: Schema.optionalKey(Schema.Literals(Object.keys(imageKinds) as readonly (keyof typeof imageKinds)[])),
  text: Schema.optionalKey(Schema.Literals(Object.keys(textKinds) as readonly (keyof typeof textKinds)[]))
}
const encoder = { width: count, layers: count, heads: count, ratio: setting(count, 4) }

/** Two encoders and the embedding space in which their [CLS] states are compared, as data. */
export const Model = Schema.Struct({
  /** Name of the model; a name other than the default, with a dot, is the prefix of its parameters. */
  name: setting(modelName, defaultName),
  image: Schema.Struct({ kind: kind.image, ...encoder }).annotate({ identifier: "model.image" }),
  text: Schema.Struct({ kind: kind.text, ...encoder, vocabulary: count, maxPositions: setting(count, 512) }).annotate({
    identifier: "model.text"
  }),
  embedding: count
}).annotate({ identifier: "model" })
export type Model = typeof Model.Type

/** Returns the prefix of a model's parameters: empty for the default name. */
export const modelPrefix = ({ name }: Model): string => (name === defaultName ? "" : prefixOf(name))

/** Checks constraints that the schema does not express. Throws a `SettingsError`. */
export const checkModel = (model: Model): Model => {
  const fault =
    model.image.width !== model.text.width
      ? `the encoders' widths are ${model.image.width} and ${model.text.width}, but must be one`
      : Object.values({ image: model.image, text: model.text }).some((part) => part.width % part.heads !== 0)
        ? `a width of ${model.image.width} does not divide into ${model.image.heads} and ${model.text.heads} heads`
        : undefined
  if (fault) throw new SettingsError({ stage: "model", problem: `model: ${fault}` })
  return model
}

/** Settings of a model besides its size: by default BERT's vocabulary and number of positions, the size's heads, ViT and BERT. */
const ModelOptions = Schema.Struct({
  vocabulary: setting(count, 30_522),
  maxPositions: setting(count, 512),
  name: Model.fields.name,
  imageKind: kind.image,
  textKind: kind.text,
  imageHeads: Schema.optionalKey(count),
  textHeads: Schema.optionalKey(count)
})

/**
 * Returns an image and a text encoder of a named size, e.g. `dualEncoder(sizes.tiny, { vocabulary: 200 })`. Throws a
 * `SettingsError`.
 */
export const dualEncoder = <const S extends Bound<typeof ModelOptions.Encoded>>(
  size: Size,
  options: Known<"dualEncoder", typeof ModelOptions.Encoded, S> = {} as never
): Model => {
  const { width, heads, imageLayers, textLayers, embedding } = size
  const given = checkSettings("dualEncoder", ModelOptions, options)
  const { name, vocabulary, maxPositions, imageHeads = heads, textHeads = heads, imageKind, textKind } = given
  return checkModel({
    name,
    image: { ...(imageKind ? { kind: imageKind } : {}), width, layers: imageLayers, heads: imageHeads, ratio: 4 },
    text: {
      ...(textKind ? { kind: textKind } : {}),
      width,
      layers: textLayers,
      heads: textHeads,
      ratio: 4,
      vocabulary,
      maxPositions
    },
    embedding
  })
}
