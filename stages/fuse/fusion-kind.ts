import type { HiddenStates } from "../../lib/nn/multi-head.ts"
import type { ParameterSpecs, Parameters } from "../../lib/pipeline/stage.ts"
import type { KeyBias } from "../../lib/tensor/own.ts"
import type { Tensor } from "../../lib/tensor/tensor.ts"

/** Cross-modal layers, whatever their kind; parameters begin with `name`. */
export interface FusionLayers {
  readonly name: string
  readonly layers: number
  readonly width: number
  readonly heads: number
  readonly ratio: number
}

/** States of images and texts that are to be fused, and what hides the texts' padding. */
export interface Pair {
  readonly image: HiddenStates<"batch", "patches+1">
  readonly text: HiddenStates<"batch", "tokens">
  readonly bias: KeyBias<"batch", "tokens">
}

/** Fused states; each stream's last layer is computed when it is asked for, so that one that nobody reads costs nothing. */
export interface Fused {
  /** Absent for a kind whose layers leave the image alone. */
  readonly image?: () => HiddenStates<"batch", "patches+1">
  readonly text: () => HiddenStates<"batch", "tokens">
  /** The last layer's attention from each token to each patch, as a mean over heads; [CLS] of the image takes its share too. */
  readonly maps: () => Tensor<readonly ["batch", "tokens", "patches"]>
}

/** A way to fuse two streams. */
export interface FusionKind {
  /** Whether its layers give image states too; all give text states. */
  readonly image: boolean
  readonly parameters: (fusion: FusionLayers) => ParameterSpecs
  readonly fuse: (parameters: Parameters, fusion: FusionLayers, pair: Pair) => Fused
}
