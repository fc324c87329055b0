import type { HiddenStates } from "../../lib/nn/multi-head.ts"
import type { ParameterSpecs, Parameters, Sizes } from "../../lib/pipeline/stage.ts"
import type { Tensor } from "../../lib/tensor/tensor.ts"

/** Layers of an encoder, whatever its kind. */
export interface EncoderLayers {
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly ratio: number
}

/** An image encoder's part of a model. */
export interface ImageModel {
  readonly image: EncoderLayers
}

/** A text encoder's part of a model. */
export interface TextModel {
  readonly text: EncoderLayers & { readonly vocabulary: number; readonly maxPositions: number }
}

export type Patches = Tensor<readonly ["batch", "patches", "pixels"]>

/** Masking of an image encoder's input: patches replaced by the mask token, or all but the visible ones omitted. */
export interface Hiding {
  readonly mask?: Tensor<readonly ["batch", "patches"], "bool">
  readonly visible?: Tensor<readonly ["batch", "visible"], "int32">
}

/** A way to encode images: [CLS] first, then a state of each patch, with `visible` of the visible patches alone. */
export interface ImageEncoder {
  readonly parameters: (model: ImageModel, sizes: Sizes) => ParameterSpecs
  /** Parameters and inputs of a pass with a mask. */
  readonly maskParameters: (model: ImageModel) => ParameterSpecs
  readonly encode: (
    parameters: Parameters,
    model: ImageModel,
    patches: Patches,
    hiding?: Hiding
  ) => HiddenStates<"batch", "patches+1">
}

/** A way to encode texts: a state of each token, [CLS] first. The word embeddings are those of bert.ts, which `mlm` is tied to. */
export interface TextEncoder {
  readonly parameters: (model: TextModel) => ParameterSpecs
  readonly encode: (
    parameters: Parameters,
    model: TextModel,
    tokens: Tensor<readonly ["batch", "tokens"], "int32">,
    tokenMask: Tensor<readonly ["batch", "tokens"], "bool">
  ) => HiddenStates<"batch", "tokens">
}
