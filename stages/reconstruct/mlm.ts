import * as tf from "@tensorflow/tfjs"
import { Schema } from "effect"
import { dense, denseSpecs } from "../../lib/nn/dense.ts"
import { norm, normSpecs } from "../../lib/nn/norm.ts"
import { filled, initStd, noDecay, normal } from "../../lib/nn/parameter.ts"
import { gatherElements, gatherTokens } from "../../lib/nn/tokens.ts"
import type { TypeOfSettings } from "../../lib/pipeline/define-stage.ts"
import { type Part, part, prefixed, prefixOf } from "../../lib/pipeline/part.ts"
import { rampOverEpochs } from "../../lib/pipeline/ramp.ts"
import { fraction, modelName, positive, setting } from "../../lib/pipeline/settings.ts"
import type { ParameterSpecs, Parameters, Sizes } from "../../lib/pipeline/stage.ts"
import { strategyBy } from "../../lib/pipeline/strategy.ts"
import { states, tensor } from "../../lib/tensor/field.ts"
import { gelu, linear, softCrossEntropy } from "../../lib/tensor/own.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"
import { wordEmbeddingSpecs, wordEmbeddings } from "../encode/bert.ts"

const settings = {
  /**
   * Weight of the teacher's distribution in the target, and the number of epochs over which it is reached; at 0 no teacher is
   * read.
   */
  alpha: setting(fraction, 0.4),
  ramp: setting(Schema.Union([Schema.Literal(0), positive]), 1),
  /** Model that the word embeddings and the head belong to, where there are several. */
  model: Schema.optionalKey(modelName)
}

const transform = "cls.predictions.transform"
const bias = "cls.predictions.bias"

/** Parameters of the masked-word head, including the word embeddings that it is tied to. */
const headSpecs = (sizes: Sizes): ParameterSpecs => {
  const [width, vocabulary] = [sizes["width"]!, sizes["vocabulary"]!]
  return {
    ...denseSpecs(`${transform}.dense`, width, width, normal(initStd(width))),
    ...normSpecs(`${transform}.LayerNorm`, width),
    [bias]: noDecay([vocabulary], filled(0)),
    ...wordEmbeddingSpecs(vocabulary, width)
  }
}

type Rows<W extends string> = Tensor<readonly ["rows", W]>

/** Logits of every word (Devlin et al. 2019): rows [rows, width] → [rows, vocabulary]. */
const wordLogits = (parameters: Parameters, x: Rows<"width">): Rows<"vocabulary"> => {
  const hidden = gelu(dense<["rows"], "width", "width">(parameters, `${transform}.dense`, x, "width"))
  const normal = norm(parameters, `${transform}.LayerNorm`, hidden, 1e-12)
  return linear<["rows"], "width", "vocabulary">(
    normal,
    named(wordEmbeddings(parameters), "vocabulary", "width"),
    named(parameters(bias), "vocabulary")
  )
}

const text = states("float32", "batch", "tokens", "width")

const own = {
  fusedMaskedText: text,
  tokens: tensor("int32", "batch", "tokens"),
  maskedPositions: tensor("int32", "batch", "positions"),
  maskedWeights: tensor("float32", "batch", "positions")
}
const taught = { ...own, "teacher.fusedMaskedText": text }

/** Fields that are read, by the settings: none of the teacher where its weight is the literal 0. */
interface MlmPart extends TypeOfSettings {
  readonly type: Part<this["settings"] extends { readonly alpha: 0 } ? typeof own : typeof taught, {}>
}

/**
 * L_mlm: at masked words, the cross-entropy to (1 − α)·(one-hot of the true word) + α·(the teacher's distribution), as a mean
 * over each sample's masked words and then over samples, so that accumulated batches give the same.
 */
const mlmPart = ({ alpha, ramp }: Schema.Struct.Type<typeof settings>) =>
  part({
    reads: (alpha === 0 ? own : taught) as typeof own & Partial<typeof taught>,
    adds: {},
    scalars: alpha === 0 ? {} : { alpha: rampOverEpochs(alpha, ramp) },
    parameters: headSpecs,
    teacherParameters: (sizes) => (alpha === 0 ? [] : Object.keys(headSpecs(sizes))),
    apply: ({ fields, parameters, teacher, scalars, sizes }) => {
      const { maskedPositions, tokens, maskedWeights, "teacher.fusedMaskedText": seen } = fields
      // The pipeline may contain a teacher that only other stages read.
      const soft = alpha > 0 && seen && tf.softmax(wordLogits(teacher, gatherTokens(seen, maskedPositions)))
      const words = gatherElements(tokens, maskedPositions) as tf.Tensor
      const hard = tf.oneHot(words as tf.Tensor1D, sizes["vocabulary"]!, 1, 0, "float32")
      const share = scalars["alpha"]
      const targets = soft && share ? tf.add(tf.mul(hard, tf.sub(1, share)), tf.mul(soft, share)) : hard
      const logits = wordLogits(parameters, gatherTokens(fields.fusedMaskedText, maskedPositions))
      const each = softCrossEntropy(logits, targets as Rows<"vocabulary">)
      return { fields: {}, losses: { mlm: tf.div(tf.sum(tf.mul(each, tf.reshape(maskedWeights, [-1]))), sizes["batch"]!) } }
    }
  })

/**
 * Masked language modelling with the teacher's soft labels in addition to the true words (method.md §6). Throws a
 * `SettingsError`.
 */
export const mlm = strategyBy<MlmPart>()("mlm", settings, (given) => prefixed(prefixOf(given.model), mlmPart(given)))
