import * as tf from "@tensorflow/tfjs"
import { Schema } from "effect"
import { dense, denseSpecs } from "../../lib/nn/dense.ts"
import { initStd, normal } from "../../lib/nn/parameter.ts"
import { clsToken } from "../../lib/nn/tokens.ts"
import { needTwo } from "../../lib/pipeline/need-two.ts"
import { part, prefixed, prefixOf } from "../../lib/pipeline/part.ts"
import { modelName } from "../../lib/pipeline/settings.ts"
import type { Parameters, Sizes } from "../../lib/pipeline/stage.ts"
import { strategy } from "../../lib/pipeline/strategy.ts"
import { states, tensor } from "../../lib/tensor/field.ts"
import { softCrossEntropy } from "../../lib/tensor/own.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"

type Rows<W extends string> = Tensor<readonly ["rows", W]>

const headSpecs = (sizes: Sizes) => denseSpecs("itm_head", 2, sizes["width"]!, normal(initStd(sizes["width"]!)))
const head = (parameters: Parameters, x: tf.Tensor): Rows<"classes"> =>
  dense<["rows"], "width", "classes">(parameters, "itm_head", named(x, "rows", "width"), "classes")

/** One-hot labels of rows of one class; 1 is a match. */
const labels = (rows: number, match: 0 | 1): tf.Tensor => tf.concat([tf.fill([rows, 1], 1 - match), tf.fill([rows, 1], match)], 1)

const text = states("float32", "batch", "tokens", "width")

/**
 * L_itm: two-class cross-entropy on fused [CLS] states, over B matches, B texts with another pair's image and B images with
 * another pair's text.
 */
const itmPart = () =>
  part({
    reads: { fusedText: text, textOfNegativeImage: text, textOfNegativeText: text },
    adds: {},
    guesses: { itm: Math.log(3) - (2 / 3) * Math.log(2) }, // one of three pairs matches: the entropy of (1/3, 2/3)
    parameters: headSpecs,
    apply: ({ fields, parameters, sizes }) => {
      needTwo("align", "the loss 'itm'", sizes)
      const all = [fields.fusedText, fields.textOfNegativeImage, fields.textOfNegativeText].map((x) => clsToken(x))
      const batch = sizes["batch"]!
      const targets = named(tf.concat([labels(batch, 1), labels(2 * batch, 0)], 0), "rows", "classes")
      return { fields: {}, losses: { itm: tf.mean(softCrossEntropy(head(parameters, tf.concat(all, 0)), targets)) } }
    }
  })

/** Settings of the matching loss: the model that the head belongs to, where there are several. */
const settings = { model: Schema.optionalKey(modelName) }

/** Image-text matching (ALBEF, Li et al. 2021; method.md §6). Throws a `SettingsError`. */
export const itm = strategy("itm", settings, ({ model }) => prefixed(prefixOf(model), itmPart()))

/** Probability by the matching head that an image and a text match. */
export const scorePart = () =>
  part({
    reads: { fusedText: text },
    adds: { matchProbability: tensor("float32", "batch") },
    parameters: headSpecs,
    apply: ({ fields, parameters, sizes }) => {
      const probabilities = tf.softmax(head(parameters, clsToken(fields.fusedText)))
      const match = tf.reshape(tf.slice(probabilities, [0, 1], [-1, 1]), [sizes["batch"]!])
      return { fields: { matchProbability: named(match, "batch") } }
    }
  })
