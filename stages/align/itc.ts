import * as tf from "@tensorflow/tfjs"
import { Schema } from "effect"
import { filled, noDecay } from "../../lib/nn/parameter.ts"
import type { TypeOfSettings } from "../../lib/pipeline/define-stage.ts"
import { WiringError } from "../../lib/pipeline/errors.ts"
import { type Part, part, prefixed, prefixOf } from "../../lib/pipeline/part.ts"
import { rampOverEpochs } from "../../lib/pipeline/ramp.ts"
import { fraction, modelName, natural, positive, setting } from "../../lib/pipeline/settings.ts"
import type { NoiseSpec, Sizes, StateSpec } from "../../lib/pipeline/stage.ts"
import { strategyBy } from "../../lib/pipeline/strategy.ts"
import { gumbel } from "../../lib/random/gumbel.ts"
import { unitVectors } from "../../lib/random/unit-vectors.ts"
import { states, tensor } from "../../lib/tensor/field.ts"
import { detach, softCrossEntropy } from "../../lib/tensor/own.ts"
import type { Tensor } from "../../lib/tensor/tensor.ts"
import { drawNegatives } from "./negatives.ts"

const settings = {
  /** Number of past pairs that are compared with, besides the batch. */
  queue: setting(natural, 65_536),
  /**
   * Weight of the teacher's distribution in the target, and the number of epochs over which it is reached; at 0 no teacher is
   * read.
   */
  alpha: setting(fraction, 0.4),
  ramp: setting(Schema.Union([Schema.Literal(0), positive]), 1),
  /** Initial value of the learned temperature. */
  temperature: setting(Schema.Finite.check(Schema.isBetween({ minimum: 0.001, maximum: 0.5 })), 0.07),
  /** Multiplier of the temperature's learning rate: at 1e-3 a full step would be a tenth of its value. */
  temperatureRate: setting(fraction, 1),
  /** Model that the temperature belongs to, where there are several. */
  model: Schema.optionalKey(modelName)
}
type Itc = Schema.Struct.Type<typeof settings>

/** The learned temperature, clamped to [.001, .5] after each update. */
const temperatureSpecs = (start: number) => ({
  temperature: { ...noDecay([], filled(start)), lrScale: "temperatureRate", clamp: [0.001, 0.5] as const }
})

const queueSpecs = (queue: number, sizes: Sizes): { readonly [name: string]: StateSpec } => {
  if (queue === 0) return {}
  const rows: StateSpec = {
    dtype: "float32",
    shape: [queue, sizes["embedding"]!],
    init: (key, [n, width]) => unitVectors(key, n!, width!)
  }
  return {
    queueImage: rows,
    queueText: rows,
    // A group that no sample has, so that entries never written are positives of no sample.
    queueGroup: { dtype: "int32", shape: [queue], init: (_, [n]) => new Int32Array(n!).fill(-1) }
  }
}

const gumbelOverBatch: NoiseSpec = { dtype: "float32", dims: ["batch"], draw: (key, [n]) => gumbel(key, n!) }

const embedding = states("float32", "batch", "embedding")
const own = { imageEmbedding: embedding, textEmbedding: embedding, group: tensor("int32", "batch") }
const taught = { ...own, "teacher.imageEmbedding": embedding, "teacher.textEmbedding": embedding }

const indices = { imageNegative: tensor("int32", "batch"), textNegative: tensor("int32", "batch") }

type Logits = Tensor<readonly ["batch", "entries"]>

const similar = (x: tf.Tensor, all: tf.Tensor, temperature: tf.Tensor): Logits =>
  tf.div(tf.matMul(x as tf.Tensor2D, all as tf.Tensor2D, false, true), temperature) as tf.Tensor as Logits

/** Uniform distribution over all entries of the same group, so that duplicates are positives. */
const sameGroup = (group: tf.Tensor, all: tf.Tensor): tf.Tensor => {
  const same = tf.cast(tf.equal(tf.expandDims(group, 1), tf.expandDims(all, 0)), "float32")
  return tf.div(same, tf.sum(same, 1, true))
}

/**
 * L_itc: each image against the texts, and each text against the images, of the batch and the queue, as the teacher encodes them;
 * the target is (1 − α)·(uniform over the same group) + α·(the teacher's distribution). Without a teacher (α = 0) both sides are
 * the student's, with gradient, and the queue holds its embeddings. Also draws a hard negative for each text and each image.
 */
const contrastPart = ({ queue, alpha, ramp, temperature: start, temperatureRate }: Itc) =>
  part({
    reads: (alpha === 0 ? own : taught) as typeof own & Partial<typeof taught>,
    adds: indices,
    noise: { negativeImage: gumbelOverBatch, negativeText: gumbelOverBatch },
    scalars: { ...(alpha === 0 ? {} : { alpha: rampOverEpochs(alpha, ramp) }), temperatureRate: () => temperatureRate },
    parameters: () => temperatureSpecs(start),
    state: (sizes) => queueSpecs(queue, sizes),
    apply: ({ fields, parameters, noise, scalars, state, sizes }) => {
      const batch = sizes["batch"]!
      if (queue > 0 && queue < batch)
        throw new WiringError({
          pipeline: "align",
          problem: `the loss 'itc' has a queue of ${queue}, which does not hold a batch of ${batch}; it takes 0 or at least that many`
        })
      const { imageEmbedding: image, textEmbedding: text, group } = fields
      // The pipeline may contain a teacher that only other stages read.
      const keyImage = (alpha > 0 && fields["teacher.imageEmbedding"]) || image
      const keyText = (alpha > 0 && fields["teacher.textEmbedding"]) || text
      const temperature = parameters("temperature")
      const fixed = detach(temperature)
      const withQueue = (batch: tf.Tensor, name: string): tf.Tensor => (queue === 0 ? batch : tf.concat([batch, state[name]!], 0))
      const images = withQueue(keyImage, "queueImage")
      const texts = withQueue(keyText, "queueText")
      const exact = sameGroup(group, withQueue(group, "queueGroup"))
      const share = scalars["alpha"]
      const target = (key: tf.Tensor, all: tf.Tensor): Logits =>
        (share === undefined
          ? exact
          : tf.add(tf.mul(tf.softmax(similar(key, all, fixed)), share), tf.mul(exact, tf.sub(1, share)))) as Logits
      const toText = softCrossEntropy(similar(image, texts, temperature), target(keyImage, texts))
      const toImage = softCrossEntropy(similar(text, images, temperature), target(keyText, images))
      return {
        fields: {
          imageNegative: drawNegatives(similar(detach(text), keyImage, fixed), group, noise["negativeImage"]!),
          textNegative: drawNegatives(similar(detach(image), keyText, fixed), group, noise["negativeText"]!)
        },
        losses: { itc: tf.mul(tf.add(tf.mean(toText), tf.mean(toImage)), 0.5) },
        metrics: { temperature: fixed },
        state:
          queue === 0
            ? {}
            : { queueImage: { enqueue: keyImage }, queueText: { enqueue: keyText }, queueGroup: { enqueue: group } }
      }
    }
  })

const image = states("float32", "batch", "patches+1", "width")
const text = states("float32", "batch", "tokens", "width")
const tokenMask = tensor("bool", "batch", "tokens")

const pairs = { imageStates: image, textStates: text, tokenMask }
type Pairs = typeof pairs
const negatives = { negativeImage: image, negativeText: text, negativeTokenMask: tokenMask }

const selects = {
  negativeImage: { from: "imageStates", by: "imageNegative" },
  negativeText: { from: "textStates", by: "textNegative" },
  negativeTokenMask: { from: "tokenMask", by: "textNegative" }
}

const rows = <T extends tf.Tensor>(x: T, index: tf.Tensor): T => tf.gather(x, index as tf.Tensor1D) as T

/** Fields that are read, by the settings: none of the teacher where its weight is the literal 0. */
interface ItcPart extends TypeOfSettings {
  readonly type: Part<
    (this["settings"] extends { readonly alpha: 0 } ? typeof own : typeof taught) & Pairs,
    typeof indices & typeof negatives
  >
}

/**
 * The contrastive loss, and hard negatives: for each text the image, and for each image the text, of another pair that is similar
 * to its own.
 */
const itcPart = (settings: Itc) => {
  const whole = contrastPart(settings)
  const made = part({
    ...whole,
    reads: { ...whole.reads, ...pairs },
    adds: { ...whole.adds, ...negatives },
    batchwise: { whole, selects },
    apply: (context) => {
      const outcome = whole.apply(context)
      const { imageStates: image, textStates: text, tokenMask } = context.fields
      const { imageNegative, textNegative } = outcome.fields
      return {
        ...outcome,
        fields: {
          ...outcome.fields,
          negativeImage: rows(image, imageNegative),
          negativeText: rows(text, textNegative),
          negativeTokenMask: rows(tokenMask, textNegative)
        }
      }
    }
  })
  return prefixed(prefixOf(settings.model), made)
}

/**
 * Image-text contrast with a momentum teacher, soft targets and a queue (ALBEF, Li et al. 2021; method.md §6). Throws a
 * `SettingsError`.
 */
export const itc = strategyBy<ItcPart>()("itc", settings, itcPart)
