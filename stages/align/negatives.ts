import * as tf from "@tensorflow/tfjs"
import { detach } from "../../lib/tensor/own.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"

/** Indicator of pairs of the batch with different groups, 1 or 0: [batch, batch]. */
const differs = (group: tf.Tensor): tf.Tensor => tf.cast(tf.notEqual(tf.expandDims(group, 1), tf.expandDims(group, 0)), "float32")

/** Indicator of off-diagonal elements, 1 or 0: [n, n]. */
const others = (n: number): tf.Tensor => {
  const places = tf.range(0, n, 1, "int32")
  return tf.cast(tf.notEqual(tf.expandDims(places, 1), tf.expandDims(places, 0)), "float32")
}

/**
 * Draws for each row an entry of another pair (method.md §6) with probability ∝ softmax(logits) + 1e-5 over entries of other
 * groups, or over all other entries where every group is the same, as the largest sum of log-probability and Gumbel noise [batch,
 * batch]. Without gradient.
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
