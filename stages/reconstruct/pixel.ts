import * as tf from "@tensorflow/tfjs"
import { gatherTokens } from "../../lib/nn/tokens.ts"
import { part } from "../../lib/pipeline/part.ts"
import { strategy } from "../../lib/pipeline/strategy.ts"
import { states, tensor } from "../../lib/tensor/field.ts"
import type { Tensor } from "../../lib/tensor/tensor.ts"
import { Decoder, decoderSpecs, predictPixels } from "./decoder.ts"

const reads = {
  patches: tensor("float32", "batch", "patches", "pixels"),
  maskedPatches: tensor("int32", "batch", "masked"),
  visiblePatches: tensor("int32", "batch", "visible"),
  fusedVisibleImage: states("float32", "batch", "visible+1", "width")
}

/**
 * Normalises each patch by its mean and standard deviation (unbiased, of the differences), so that dark and bright patches have
 * equal weight.
 */
const normalised = (rows: Tensor<readonly ["rows", "pixels"]>): tf.Tensor => {
  const centred = tf.sub(rows, tf.mean(rows, -1, true))
  const variance = tf.div(tf.sum(tf.square(centred), -1, true), rows.shape[1]! - 1)
  return tf.div(centred, tf.sqrt(tf.add(variance, 1e-6)))
}

/**
 * L_mim: mean squared error of the masked patches' normalised pixels, which a decoder predicts from the visible patches' hidden
 * states, fused with the text; 0 where no patch is masked.
 */
const pixelPart = ({ decoder }: { readonly decoder: Decoder }) =>
  part({
    reads,
    adds: {},
    parameters: (sizes) => decoderSpecs(decoder, sizes),
    apply: ({ fields, parameters, sizes }) => {
      const { patches, maskedPatches, visiblePatches, fusedVisibleImage } = fields
      if (maskedPatches.shape[1] === 0) return { fields: {}, losses: { mim: tf.scalar(0) } }
      const predicted = predictPixels(parameters, decoder, fusedVisibleImage, visiblePatches, maskedPatches, sizes["patches"]!)
      return {
        fields: {},
        losses: { mim: tf.mean(tf.square(tf.sub(predicted, normalised(gatherTokens(patches, maskedPatches))))) }
      }
    }
  })

/** Target of masked autoencoders (He et al. 2022): the pixels of masked patches (method.md §5). Throws a `SettingsError`. */
export const pixel = strategy("pixel", { decoder: Decoder }, pixelPart)
