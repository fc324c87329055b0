import { Schema } from "effect"
import { clsToken, patchTokens } from "../../lib/nn/tokens.ts"
import { fieldName, type Get, type Merged, type Named, namedFields } from "../../lib/pipeline/named-fields.ts"
import { type Part, prefixed } from "../../lib/pipeline/part.ts"
import { states, tensor } from "../../lib/tensor/field.ts"
import type { Tensor } from "../../lib/tensor/tensor.ts"
import { imageKinds, textKinds } from "./kinds.ts"
import { type Model, modelPrefix } from "./model.ts"
import { project, textProjectionSpecs, visionProjectionSpecs } from "./projection.ts"

/** Inputs of an image encoder, and the names of its outputs. */
const ImagePass = Schema.Struct({
  /** Field of patches. */
  patches: fieldName,
  /**
   * Field of the patches that are replaced by the mask token, or of the visible ones, the only ones encoded; neither for a
   * complete image.
   */
  imageMask: Schema.optionalKey(fieldName),
  visiblePatches: Schema.optionalKey(fieldName),
  states: fieldName,
  /** Projections of [CLS] and of the patches into the embedding space in which images and texts are compared. */
  embedding: Schema.optionalKey(fieldName),
  patchEmbedding: Schema.optionalKey(fieldName)
}).annotate({ identifier: "pass.image" })

/** Inputs of a text encoder, and the names of its outputs. */
const TextPass = Schema.Struct({
  tokens: fieldName,
  tokenMask: fieldName,
  states: fieldName,
  embedding: Schema.optionalKey(fieldName),
  tokenEmbedding: Schema.optionalKey(fieldName)
}).annotate({ identifier: "pass.text" })

/** A pass of a model as data: an image, a text, or both. */
export const Pass = Schema.Struct({ image: Schema.optionalKey(ImagePass), text: Schema.optionalKey(TextPass) }).annotate({
  identifier: "pass"
})
export type Pass = typeof Pass.Type

/** Named passes. Projections that are never read cost nothing once compiled. */
export const presets = {
  /** Complete image and text, with their projections. */
  whole: {
    image: {
      patches: "patches",
      states: "imageStates",
      embedding: "imageEmbedding",
      patchEmbedding: "patchEmbedding"
    },
    text: {
      tokens: "tokens",
      tokenMask: "tokenMask",
      states: "textStates",
      embedding: "textEmbedding",
      tokenEmbedding: "tokenEmbedding"
    }
  },
  /** Second view of the image, without text. */
  secondView: { image: { patches: "secondPatches", states: "secondImage" } },
  /** Image with some patches replaced by the mask token. */
  maskedImage: { image: { patches: "patches", imageMask: "imageMask", states: "maskedImage" } },
  /** Visible patches of the image alone (He et al. 2022). */
  visibleImage: { image: { patches: "patches", visiblePatches: "visiblePatches", states: "visibleImage" } },
  /** Text with some words masked. */
  maskedText: { text: { tokens: "maskedTokens", tokenMask: "tokenMask", states: "maskedText" } }
} as const satisfies { readonly [name: string]: Pass }
type Presets = typeof presets

const patches = tensor("float32", "batch", "patches", "pixels")
const imageMask = tensor("bool", "batch", "patches")
const visiblePatches = tensor("int32", "batch", "visible")
const imageStates = states("float32", "batch", "patches+1", "width")
const visibleStates = states("float32", "batch", "visible+1", "width")
const patchEmbedding = states("float32", "batch", "patches", "embedding")
const visibleEmbedding = states("float32", "batch", "visible", "embedding")
const tokens = tensor("int32", "batch", "tokens")
const tokenMask = tensor("bool", "batch", "tokens")
const textStates = states("float32", "batch", "tokens", "width")
const tokenEmbedding = states("float32", "batch", "tokens", "embedding")
const embedding = states("float32", "batch", "embedding")

type Visible<I, Seen, All> = I extends { readonly visiblePatches: string } ? Seen : All
type ImageReads<I> = Named<Get<I, "patches">, typeof patches> &
  Named<Get<I, "imageMask">, typeof imageMask> &
  Named<Get<I, "visiblePatches">, typeof visiblePatches>
type ImageAdds<I> = Named<Get<I, "states">, Visible<I, typeof visibleStates, typeof imageStates>> &
  Named<Get<I, "embedding">, typeof embedding> &
  Named<Get<I, "patchEmbedding">, Visible<I, typeof visibleEmbedding, typeof patchEmbedding>>
type TextReads<T> = Named<Get<T, "tokens">, typeof tokens> & Named<Get<T, "tokenMask">, typeof tokenMask>
type TextAdds<T> = Named<Get<T, "states">, typeof textStates> &
  Named<Get<T, "embedding">, typeof embedding> &
  Named<Get<T, "tokenEmbedding">, typeof tokenEmbedding>

/** Type of the part for a pass or the name of a preset. */
export type PassPart<P> = P extends keyof Presets
  ? PassPart<Presets[P]>
  : Part<
      Merged<ImageReads<Get<P, "image">> & TextReads<Get<P, "text">>>,
      Merged<ImageAdds<Get<P, "image">> & TextAdds<Get<P, "text">>>
    >

const readsOf = ({ image, text }: Pass) => ({
  ...namedFields(image?.patches, patches),
  ...namedFields(image?.imageMask, imageMask),
  ...namedFields(image?.visiblePatches, visiblePatches),
  ...namedFields(text?.tokens, tokens),
  ...namedFields(text?.tokenMask, tokenMask)
})

const addsOf = ({ image, text }: Pass) => {
  const visible = image?.visiblePatches !== undefined
  return {
    ...namedFields(image?.states, visible ? visibleStates : imageStates),
    ...namedFields(text?.states, textStates),
    ...namedFields(image?.embedding, embedding),
    ...namedFields(text?.embedding, embedding),
    ...namedFields(image?.patchEmbedding, visible ? visibleEmbedding : patchEmbedding),
    ...namedFields(text?.tokenEmbedding, tokenEmbedding)
  }
}

/** Returns the part for a pass or the name of a preset. */
export const passPart = (model: Model, given: Pass | keyof Presets): Part => {
  const pass: Pass = typeof given === "string" ? presets[given] : given
  const { image, text } = pass
  const images = imageKinds[model.image.kind ?? "vit"]
  const texts = textKinds[model.text.kind ?? "bert"]
  const made: Part = {
    reads: readsOf(pass),
    adds: addsOf(pass),
    parameters: (sizes) => ({
      ...(image ? images.parameters(model, sizes) : {}),
      ...(image?.imageMask ? images.maskParameters(model) : {}),
      ...(text ? texts.parameters(model) : {}),
      ...(image?.embedding || image?.patchEmbedding ? visionProjectionSpecs(model) : {}),
      ...(text?.embedding || text?.tokenEmbedding ? textProjectionSpecs(model) : {})
    }),
    apply: ({ fields: given, parameters }) => {
      const fields = given as { readonly [name: string]: never } // named by the pass, checked against `reads` before this
      const imageStates = image && images.encode(parameters, model, fields[image.patches]!, hiding(image, fields))
      const textStates = text && texts.encode(parameters, model, fields[text.tokens]!, fields[text.tokenMask]!)
      const added: { [name: string]: Tensor } = {}
      const add = (name: string | undefined, make: () => Tensor) => {
        if (name !== undefined) added[name] = make()
      }
      add(image?.states, () => imageStates!)
      add(text?.states, () => textStates!)
      add(image?.embedding, () => project<["batch"]>(parameters, "vision_proj", clsToken(imageStates!)))
      add(text?.embedding, () => project<["batch"]>(parameters, "text_proj", clsToken(textStates!)))
      add(image?.patchEmbedding, () => project<["batch", "patches"]>(parameters, "vision_proj", patchTokens(imageStates!)))
      add(text?.tokenEmbedding, () => project<["batch", "tokens"]>(parameters, "text_proj", textStates!))
      return { fields: added as never }
    }
  }
  return prefixed(modelPrefix(model), made)
}

const hiding = (image: NonNullable<Pass["image"]>, fields: { readonly [name: string]: never }) => ({
  ...(image.imageMask === undefined ? {} : { mask: fields[image.imageMask]! }),
  ...(image.visiblePatches === undefined ? {} : { visible: fields[image.visiblePatches]! })
})
