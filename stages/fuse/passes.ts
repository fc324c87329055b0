import * as tf from "@tensorflow/tfjs"
import { paddingBias } from "../../lib/nn/attention-bias.ts"
import type { HiddenStates } from "../../lib/nn/multi-head.ts"
import { needTwo } from "../../lib/pipeline/need-two.ts"
import { part } from "../../lib/pipeline/part.ts"
import type { Parameters } from "../../lib/pipeline/stage.ts"
import { states, tensor } from "../../lib/tensor/field.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"
import { coAttention } from "./co-attention.ts"
import { connectedAttention } from "./connected-attention.ts"
import type { Fused, Fusion, Pair } from "./fusion.ts"

const image = states("float32", "batch", "patches+1", "width")
const text = states("float32", "batch", "tokens", "width")
const tokenMask = tensor("bool", "batch", "tokens")

const kinds = { coAttention, connected: connectedAttention }
const fuse = (parameters: Parameters, fusion: Fusion, pair: Pair): Fused => kinds[fusion.kind].fuse(parameters, fusion, pair)
const specs = (fusion: Fusion) => () => kinds[fusion.kind].parameters(fusion)

/** The whole image with the whole text. */
const whole = (fusion: Fusion) =>
  part({
    reads: { imageStates: image, textStates: text, tokenMask },
    adds: { fusedImage: image, fusedText: text },
    parameters: specs(fusion),
    apply: ({ fields: { imageStates: image, textStates: text, tokenMask }, parameters }) => {
      const fused = fuse(parameters, fusion, { image, text, bias: paddingBias(tokenMask) })
      return { fields: { fusedImage: fused.image(), fusedText: fused.text() } }
    }
  })

type Maps = Tensor<readonly ["batch", "tokens", "patches"]>

/** A mean over real tokens. */
const overTokens = (maps: Maps, tokenMask: tf.Tensor): Tensor<readonly ["batch", "patches"]> => {
  const real = tf.cast(tokenMask, "float32")
  const total = tf.sum(tf.mul(maps, tf.expandDims(real, 2)), 1)
  return named(tf.div(total, tf.maximum(tf.sum(real, 1, true), 1)), "batch", "patches")
}

/** The same as `whole`, with what the last layer's text attends to. */
const attention = (fusion: Fusion) =>
  part({
    reads: { imageStates: image, textStates: text, tokenMask },
    adds: {
      fusedImage: image,
      fusedText: text,
      crossAttention: states("float32", "batch", "patches"),
      attentionMaps: states("float32", "batch", "tokens", "patches")
    },
    parameters: specs(fusion),
    apply: ({ fields: { imageStates: image, textStates: text, tokenMask }, parameters }) => {
      const fused = fuse(parameters, fusion, { image, text, bias: paddingBias(tokenMask) })
      const attentionMaps = fused.maps()
      const crossAttention = overTokens(attentionMaps, tokenMask)
      return { fields: { fusedImage: fused.image(), fusedText: fused.text(), crossAttention, attentionMaps } }
    }
  })

/** The masked image with the whole text: its patches are what is reconstructed. */
const maskedImage = (fusion: Fusion) =>
  part({
    reads: { maskedImage: image, textStates: text, tokenMask },
    adds: { fusedMaskedImage: image },
    parameters: specs(fusion),
    apply: ({ fields: { maskedImage, textStates: text, tokenMask }, parameters }) => {
      const fused = fuse(parameters, fusion, { image: maskedImage, text, bias: paddingBias(tokenMask) })
      return { fields: { fusedMaskedImage: fused.image() } }
    }
  })

/** The whole image with the masked text: its words are what is reconstructed. */
const maskedText = (fusion: Fusion) =>
  part({
    reads: { imageStates: image, maskedText: text, tokenMask },
    adds: { fusedMaskedText: text },
    parameters: specs(fusion),
    apply: ({ fields: { imageStates: image, maskedText, tokenMask }, parameters }) => {
      const fused = fuse(parameters, fusion, { image, text: maskedText, bias: paddingBias(tokenMask) })
      return { fields: { fusedMaskedText: fused.text() } }
    }
  })

/** Each text with an image of another pair, and each image with a text of another pair, as one pass of twice the batch. */
const negatives = (fusion: Fusion) =>
  part({
    reads: {
      imageStates: image,
      textStates: text,
      tokenMask,
      negativeImage: image,
      negativeText: text,
      negativeTokenMask: tokenMask
    },
    adds: { textOfNegativeImage: text, textOfNegativeText: text },
    parameters: specs(fusion),
    apply: ({
      fields: { imageStates: image, textStates: text, tokenMask, negativeImage, negativeText, negativeTokenMask },
      parameters,
      sizes
    }) => {
      needTwo("fuse", "the pass 'negatives'", sizes)
      const both = <T extends tf.Tensor>(a: T, b: T): T => tf.concat([a, b], 0) as tf.Tensor as T
      const fused: tf.Tensor = fuse(parameters, fusion, {
        image: both(negativeImage, image),
        text: both(text, negativeText),
        bias: both(paddingBias(tokenMask), paddingBias(negativeTokenMask))
      }).text()
      const batch = sizes["batch"]!
      const half = (from: number) => tf.slice(fused, [from, 0, 0], [batch, -1, -1]) as HiddenStates<"batch", "tokens">
      return { fields: { textOfNegativeImage: half(0), textOfNegativeText: half(batch) } }
    }
  })

/** What a fusion may be run on, by name. */
export const passes = { whole, attention, maskedImage, maskedText, negatives }
export type Passes = { readonly [N in keyof typeof passes]: ReturnType<(typeof passes)[N]> }
