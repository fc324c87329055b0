import type { HiddenStates } from "../../lib/nn/multi-head.ts"
import type { ParameterSpecs, Parameters } from "../../lib/pipeline/stage.ts"
import type { KeyBias } from "../../lib/tensor/own.ts"
import type { Tensor } from "../../lib/tensor/tensor.ts"

/** Cross-modal layers of any kind; their parameters' names begin with `name`. */
export interface FusionLayers {
  readonly name: string
  readonly layers: number
  readonly width: number
  readonly heads: number
  readonly ratio: number
}

/** Hidden states of images and texts to be fused, and the attention mask of the texts' padding. */
export interface Pair {
  readonly image: HiddenStates<"batch", "patches+1">
  readonly text: HiddenStates<"batch", "tokens">
  readonly bias: KeyBias<"batch", "tokens">
}

/** Fused states; each stream's last layer is computed on demand, so that an unused one costs nothing. */
export interface Fused {
  /** Absent for a kind whose layers do not change the image. */
  readonly image?: () => HiddenStates<"batch", "patches+1">
  readonly text: () => HiddenStates<"batch", "tokens">
  /**
   * Attention of the last layer from each token to each patch, the mean over heads; the image's [CLS] has a share too, which is
   * not included.
   */
  readonly maps: () => Tensor<readonly ["batch", "tokens", "patches"]>
}

/** A kind of fusion of two streams. */
export interface FusionKind {
  /** True where its layers return image states too; all return text states. */
  readonly image: boolean
  readonly parameters: (fusion: FusionLayers) => ParameterSpecs
  readonly fuse: (parameters: Parameters, fusion: FusionLayers, pair: Pair) => Fused
}
