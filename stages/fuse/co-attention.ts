import * as tf from "@tensorflow/tfjs"
import { attentionWeights, type HiddenStates } from "../../lib/nn/multi-head.ts"
import { initStd, normal } from "../../lib/nn/parameter.ts"
import {
  attentionNames,
  postNormAttention,
  postNormAttentionSpecs,
  postNormFeedForward,
  postNormLayerSpecs
} from "../../lib/nn/post-norm-layer.ts"
import type { ParameterSpecs, Parameters } from "../../lib/pipeline/stage.ts"
import type { KeyBias } from "../../lib/tensor/own.ts"
import type { Tensor } from "../../lib/tensor/tensor.ts"
import type { FusionKind, FusionLayers, Pair } from "./fusion-kind.ts"

const init = (width: number) => normal(initStd(width))

/** Parameters of a layer with self-attention, then cross-attention to another stream. */
export const crossLayerSpecs = (name: string, { width, ratio }: FusionLayers): ParameterSpecs => ({
  ...postNormLayerSpecs(name, width, ratio, init(width)),
  ...postNormAttentionSpecs(`${name}.crossattention`, width, init(width))
})

/**
 * Applies one layer to one stream: self-attention, cross-attention to the other stream, feed-forward, each followed by a norm
 * (post-norm).
 */
export const crossLayer = <B extends string, Q extends string, K extends string>(
  parameters: Parameters,
  name: string,
  heads: number,
  own: { readonly x: HiddenStates<B, Q>; readonly bias?: KeyBias<B, Q> },
  other: { readonly x: HiddenStates<B, K>; readonly bias?: KeyBias<B, K> }
): HiddenStates<B, Q> => {
  const self = postNormAttention(parameters, `${name}.attention`, own.x, own.x, heads, own.bias)
  const crossed = postNormAttention(parameters, `${name}.crossattention`, self, other.x, heads, other.bias)
  return postNormFeedForward(parameters, name, crossed)
}

/** Weights of the same layer's cross-attention to the image, without the image's [CLS]. */
export const crossMaps = (
  parameters: Parameters,
  name: string,
  heads: number,
  { image, text, bias }: Pair
): Tensor<readonly ["batch", "tokens", "patches"]> => {
  const self = postNormAttention(parameters, `${name}.attention`, text, text, heads, bias)
  const weights = attentionWeights(parameters, attentionNames(`${name}.crossattention`), self, image, heads)
  return tf.slice(weights, [0, 0, 1], [-1, -1, -1]) as tf.Tensor as Tensor<readonly ["batch", "tokens", "patches"]>
}

/** Returns the name of a layer of one stream. */
export const layerName = (fusion: string, stream: "image" | "text", i: number): string => `${fusion}.${stream}.layer.${i}`

const layer = (parameters: Parameters, { name, heads }: FusionLayers, i: number, { image, text, bias }: Pair) => ({
  image: () => crossLayer(parameters, layerName(name, "image", i), heads, { x: image }, { x: text, bias }),
  text: () => crossLayer(parameters, layerName(name, "text", i), heads, { x: text, bias }, { x: image }),
  maps: () => crossMaps(parameters, layerName(name, "text", i), heads, { image, text, bias })
})

/** Two-stream co-attention: in each layer both streams attend to the other's states before the layer (method.md §4a). */
export const coAttention: FusionKind = {
  image: true,
  parameters: (fusion) =>
    Object.assign(
      {},
      ...Array.from({ length: fusion.layers }, (_, i) => ({
        ...crossLayerSpecs(layerName(fusion.name, "image", i), fusion),
        ...crossLayerSpecs(layerName(fusion.name, "text", i), fusion)
      }))
    ),
  fuse: (parameters, fusion, pair) => {
    const before = Array.from({ length: fusion.layers - 1 }, (_, i) => i).reduce<Pair>((states, i) => {
      const next = layer(parameters, fusion, i, states)
      return { image: next.image(), text: next.text(), bias: pair.bias }
    }, pair)
    return layer(parameters, fusion, fusion.layers - 1, before)
  }
}
