import * as tf from "@tensorflow/tfjs"
import { Schema } from "effect"
import { dense, denseSpecs } from "../../lib/nn/dense.ts"
import type { HiddenStates } from "../../lib/nn/multi-head.ts"
import { norm, normSpecs } from "../../lib/nn/norm.ts"
import { initStd, noDecay, truncated } from "../../lib/nn/parameter.ts"
import { preNormLayer, preNormLayerSpecs } from "../../lib/nn/pre-norm-layer.ts"
import { clsToken, gatherTokens, patchTokens } from "../../lib/nn/tokens.ts"
import { count, modelName, setting } from "../../lib/pipeline/settings.ts"
import type { ParameterSpecs, Parameters, Sizes } from "../../lib/pipeline/stage.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"

/** A decoder of visible patches as data. */
export const Decoder = Schema.Struct({
  /** Prefix of its parameters' names. */
  name: setting(modelName, "decoder"),
  width: count,
  heads: count,
  layers: count,
  ratio: setting(count, 4)
}).annotate({ identifier: "decoder" })
export type Decoder = typeof Decoder.Type

const layer = ({ name }: Decoder, i: number): string => `${name}.decoder_layers.${i}`

/** Parameters of the decoder, named as in Hugging Face's ViTMAE. */
export const decoderSpecs = (decoder: Decoder, sizes: Sizes): ParameterSpecs => {
  const { name, width, layers, ratio } = decoder
  const init = truncated(initStd(width))
  return {
    ...denseSpecs(`${name}.decoder_embed`, width, sizes["width"]!, init),
    [`${name}.mask_token`]: noDecay([1, 1, width], init),
    [`${name}.decoder_pos_embed`]: noDecay([1, sizes["patches"]! + 1, width], init),
    ...Object.assign({}, ...Array.from({ length: layers }, (_, i) => preNormLayerSpecs(layer(decoder, i), width, ratio, init))),
    ...normSpecs(`${name}.decoder_norm`, width),
    ...denseSpecs(`${name}.decoder_pred`, sizes["pixels"]!, width, init)
  }
}

type Indices<N extends string> = Tensor<readonly ["batch", N], "int32">
type Rows<W extends string> = Tensor<readonly ["rows", W]>

/**
 * Returns for each patch its index among the visible ones, and for a masked patch the index after them: int32[batch, patches].
 */
const placesAmong = (visible: Indices<"visible">, patches: number): Indices<"patches"> => {
  const n = visible.shape[1]!
  const here = tf.equal(tf.expandDims(visible, 2), tf.reshape(tf.range(0, patches, 1, "int32"), [1, 1, patches]))
  // Indices are counted back from the one after the visible patches, which no visible patch contributes to.
  const back = tf.reshape(tf.range(n, 0, -1, "int32"), [1, n, 1])
  return named(tf.sub(tf.scalar(n, "int32"), tf.sum(tf.mul(tf.cast(here, "int32"), back), 1)), "batch", "patches")
}

/**
 * Applies the decoder of masked autoencoders (He et al. 2022) to the hidden states of visible patches at their positions and the
 * mask token at the others; returns the pixels of the masked patches, [batch · masked, pixels].
 */
export const predictPixels = (
  parameters: Parameters,
  decoder: Decoder,
  states: HiddenStates<"batch", "visible+1">,
  visible: Indices<"visible">,
  masked: Indices<"masked">,
  patches: number
): Rows<"pixels"> => {
  const { name, width, heads, layers } = decoder
  const batch = states.shape[0]!
  const x = dense<["batch", "visible+1"], "width", "decoder">(parameters, `${name}.decoder_embed`, states, "decoder")
  // Added to zeros rather than tiled: the gradient of a tile is one slice per sample.
  const token = tf.add(tf.zeros([batch, 1, width]), parameters(`${name}.mask_token`))
  const sources = named(tf.concat([patchTokens<"batch", "visible", "decoder">(x), token], 1), "batch", "sources", "decoder")
  const placed = tf.reshape(gatherTokens(sources, placesAmong(visible, patches)), [batch, patches, width])
  const start = tf.add(
    tf.concat([tf.expandDims(clsToken(x), 1), placed], 1),
    parameters(`${name}.decoder_pos_embed`)
  ) as HiddenStates<"batch", "patches+1", "decoder">
  const decoded = Array.from({ length: layers }, (_, i) => layer(decoder, i)).reduce(
    (y, each) => preNormLayer(parameters, each, y, heads),
    start
  )
  const last = norm(parameters, `${name}.decoder_norm`, decoded, 1e-6)
  const hidden = gatherTokens(patchTokens<"batch", "patches", "decoder">(last), masked)
  return dense<["rows"], "decoder", "pixels">(parameters, `${name}.decoder_pred`, hidden, "pixels")
}
