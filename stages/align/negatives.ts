import * as tf from "@tensorflow/tfjs"
import { detach } from "../../lib/tensor/own.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"

/** 1 where two pairs of the batch are of different groups, else 0: [batch, batch]. */
const differs = (group: tf.Tensor): tf.Tensor => tf.cast(tf.notEqual(tf.expandDims(group, 1), tf.expandDims(group, 0)), "float32")

/** 1 off the diagonal: [n, n]. */
const others = (n: number): tf.Tensor => {
  const places = tf.range(0, n, 1, "int32")
  return tf.cast(tf.notEqual(tf.expandDims(places, 1), tf.expandDims(places, 0)), "float32")
}

/**
 * For each row another pair's entry (method.md §6): drawn with probability ∝ softmax(logits) + 1e-5 over entries of other groups,
 * over all other entries where every group is the same, by the largest of log-probability and Gumbel noise [batch, batch].
 * Without gradient.
 */
export const drawNegatives = (
  logits: Tensor<readonly ["batch", "entries"]>,
  group: Tensor<readonly ["batch"], "int32">,
  gumbel: tf.Tensor
): Tensor<readonly ["batch"], "int32"> => {
  const other = differs(group)
  const none = tf.sub(1, tf.max(other, 1, true))
  const likely = tf.mul(tf.add(tf.softmax(detach(logits)), 1e-5), other)
  const weights = tf.add(likely, tf.mul(others(logits.shape[0]!), none))
  return named(tf.argMax(tf.add(tf.log(tf.maximum(weights, 1e-30)), gumbel), 1), "batch")
}
