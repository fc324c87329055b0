import * as tf from "@tensorflow/tfjs"
import { attentionWeights, type HiddenStates } from "../../lib/nn/multi-head.ts"
import { initStd, normal } from "../../lib/nn/parameter.ts"
import { attentionNames, postNormLayer, postNormLayerSpecs } from "../../lib/nn/post-norm-layer.ts"
import type { Parameters } from "../../lib/pipeline/stage.ts"
import type { KeyBias } from "../../lib/tensor/own.ts"
import { named } from "../../lib/tensor/tensor.ts"
import { crossLayer, crossLayerSpecs, layerName } from "./co-attention.ts"
import type { Fused, FusionKind, Pair } from "./fusion-kind.ts"

/** True for every third layer and the last, which are connected: without one the image would not attend to the text. */
const isConnected = (i: number, layers: number): boolean => i % 3 === 2 || i === layers - 1
const jointName = (fusion: string, i: number): string => `${fusion}.joint.layer.${i}`

interface Joint {
  readonly x: HiddenStates<"batch", "both">
  readonly bias: KeyBias<"batch", "both">
}

const join = ({ image, text, bias }: Pair): Joint => {
  const [batch, rows] = image.shape as [number, number]
  return {
    x: tf.concat([image, text], 1) as tf.Tensor as Joint["x"],
    bias: named(tf.concat([tf.zeros([batch, rows]), bias], 1), "batch", "both")
  }
}

/** Applies the last layer: one self-attention over both streams concatenated, split again afterwards. */
const connected = (parameters: Parameters, name: string, heads: number, pair: Pair): Required<Fused> => {
  const { x, bias } = join(pair)
  const patches = pair.image.shape[1]!
  let made: tf.Tensor | undefined
  const whole = (): tf.Tensor => {
    made ??= postNormLayer(parameters, name, x, heads, bias)
    return made
  }
  return {
    image: () => tf.slice(whole(), [0, 0, 0], [-1, patches, -1]) as Pair["image"],
    text: () => tf.slice(whole(), [0, patches, 0], [-1, -1, -1]) as ReturnType<Fused["text"]>,
    maps: () => {
      const weights: tf.Tensor = attentionWeights(parameters, attentionNames(`${name}.attention`), x, x, heads, bias)
      return tf.slice(weights, [0, patches, 1], [-1, -1, patches - 1]) as ReturnType<Fused["maps"]>
    }
  }
}

/**
 * Connected attention (mPLUG, Li et al. 2022; method.md §4b): texts attend to the image, which bypasses these layers unchanged,
 * and every third layer has self-attention over both together.
 */
export const connectedAttention: FusionKind = {
  image: true,
  parameters: (fusion) =>
    Object.assign(
      {},
      ...Array.from({ length: fusion.layers }, (_, i) =>
        isConnected(i, fusion.layers)
          ? postNormLayerSpecs(jointName(fusion.name, i), fusion.width, fusion.ratio, normal(initStd(fusion.width)))
          : crossLayerSpecs(layerName(fusion.name, "text", i), fusion)
      )
    ),
  fuse: (parameters, { name, layers, heads }, pair) => {
    const before = Array.from({ length: layers - 1 }, (_, i) => i).reduce<Pair>((states, i) => {
      if (!isConnected(i, layers)) {
        const own = { x: states.text, bias: states.bias }
        const text = crossLayer(parameters, layerName(name, "text", i), heads, own, { x: states.image })
        return { image: states.image, text, bias: states.bias }
      }
      const next = connected(parameters, jointName(name, i), heads, states)
      return { image: next.image(), text: next.text(), bias: states.bias }
    }, pair)
    return connected(parameters, jointName(name, layers - 1), heads, before)
  }
}
