import { Schema } from "effect"
import type { HiddenStates } from "../../lib/nn/multi-head.ts"
import { type Bound, checkSettings, count, type Known, SettingsError, setting } from "../../lib/pipeline/settings.ts"
import type { ParameterSpecs, Parameters } from "../../lib/pipeline/stage.ts"
import type { KeyBias } from "../../lib/tensor/own.ts"
import type { Tensor } from "../../lib/tensor/tensor.ts"

/** Cross-modal layers as data. */
export const Fusion = Schema.Struct({
  /** There is one fusion in a pipeline so far; its parameters begin with this. */
  name: setting(Schema.Literal("fusion"), "fusion"),
  kind: setting(Schema.Literals(["coAttention", "connected"]), "coAttention"),
  layers: count,
  width: count,
  heads: count,
  ratio: setting(count, 4)
}).annotate({ identifier: "fusion" })
export type Fusion = typeof Fusion.Type

/** Throws a `SettingsError` where a width does not divide into heads. */
export const checkFusion = (fusion: Fusion): Fusion => {
  if (fusion.width % fusion.heads === 0) return fusion
  const problem = `fusion: a width of ${fusion.width} does not divide into ${fusion.heads} heads`
  throw new SettingsError({ stage: "fusion", problem })
}

const Options = Schema.Struct({ kind: Fusion.fields.kind, heads: Schema.optionalKey(count) })

/** What a fusion takes from a named size (encode/sizes.ts). */
export interface FusionSize {
  readonly width: number
  readonly heads: number
  readonly fusionLayers: number
}

/** Cross-modal layers of a named size: two-stream co-attention with its heads unless told otherwise. Throws a `SettingsError`. */
export const crossModal = <const S extends Bound<typeof Options.Encoded>>(
  { width, heads, fusionLayers }: FusionSize,
  options: Known<"crossModal", typeof Options.Encoded, S> = {} as never
): Fusion =>
  checkFusion({ name: "fusion", layers: fusionLayers, width, heads, ratio: 4, ...checkSettings("crossModal", Options, options) })

/** HiddenStates of images and texts that are to be fused, and what hides the texts' padding. */
export interface Pair {
  readonly image: HiddenStates<"batch", "patches+1">
  readonly text: HiddenStates<"batch", "tokens">
  readonly bias: KeyBias<"batch", "tokens">
}

/** Fused states; each stream's last layer is computed when it is asked for, so that one that nobody reads costs nothing. */
export interface Fused {
  readonly image: () => HiddenStates<"batch", "patches+1">
  readonly text: () => HiddenStates<"batch", "tokens">
  /** The last layer's attention from each token to each patch, as a mean over heads; [CLS] of the image takes its share too. */
  readonly maps: () => Tensor<readonly ["batch", "tokens", "patches"]>
}

/** A way to fuse two streams. */
export interface FusionKind {
  readonly parameters: (fusion: Fusion) => ParameterSpecs
  readonly fuse: (parameters: Parameters, fusion: Fusion, pair: Pair) => Fused
}
