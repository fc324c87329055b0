import * as tf from "@tensorflow/tfjs"
import type { TensorContext } from "../../lib/pipeline/stage.ts"
import { states, tensor } from "../../lib/tensor/field.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"

type Scores = Tensor<readonly ["batch", "patches"]>

const patchEmbedding = states("float32", "batch", "patches", "embedding")
const embedding = { "teacher.patchEmbedding": patchEmbedding, "teacher.textEmbedding": states("float32", "batch", "embedding") }
const words = {
  "teacher.patchEmbedding": patchEmbedding,
  "teacher.tokenEmbedding": states("float32", "batch", "tokens", "embedding"),
  tokenMask: tensor("bool", "batch", "tokens")
}
const crossAttention = { "teacher.crossAttention": states("float32", "batch", "patches") }

/** Fields that each kind of relevance reads. */
export const relevanceReads = { embedding, crossAttention, words }
export type Relevance = keyof typeof relevanceReads

const cosineWithText = ({ fields }: TensorContext<typeof embedding>): Scores => {
  const products = tf.matMul(fields["teacher.patchEmbedding"], tf.expandDims(fields["teacher.textEmbedding"], 2))
  return named(tf.reshape(products, products.shape.slice(0, 2)), "batch", "patches")
}

/** 1 for real tokens that are neither a caption's first ([CLS]) nor its last ([SEP]). */
const isWord = (tokenMask: tf.Tensor): tf.Tensor => {
  const real = tf.cast(tokenMask, "float32")
  const [batch, length] = real.shape as [number, number]
  const edge = tf.zeros([batch, 1])
  if (length === 1) return edge
  const next = tf.concat([tf.slice(real, [0, 1], [batch, length - 1]), edge], 1)
  return tf.mul(next, tf.concat([edge, tf.ones([batch, length - 1])], 1))
}

const largestWithWord = ({ fields }: TensorContext<typeof words>): Scores => {
  const products = tf.matMul(fields["teacher.patchEmbedding"], fields["teacher.tokenEmbedding"], false, true)
  const word = tf.expandDims(isWord(fields.tokenMask), 1)
  // Tokens that are not words count as −1, the minimum of a cosine.
  return named(tf.max(tf.sub(tf.mul(tf.add(products, 1), word), 1), 2), "batch", "patches")
}

/**
 * Relevance of each patch to the text, by the teacher (method.md §3): its cosine with the text's [CLS] (`embedding`), with the
 * most similar word (`words`), or the text's attention to it (`crossAttention`).
 */
export const relevance = (kind: Relevance, context: TensorContext<never>): Scores => {
  if (kind === "embedding") return cosineWithText(context)
  if (kind === "words") return largestWithWord(context)
  return (context as TensorContext<typeof crossAttention>).fields["teacher.crossAttention"]
}
