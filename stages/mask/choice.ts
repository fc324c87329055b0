import * as tf from "@tensorflow/tfjs"
import { detach } from "../../lib/tensor/own.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"

/** Number of masked elements among n: round(ratio · n), where round(x) = ⌊x + ½⌋. */
export const maskedCount = (ratio: number, n: number): number => Math.floor(ratio * n + 0.5)

/** Indices of the k largest scores of each row, largest first; scores carry no gradient. */
export const largest = <N extends string, K extends string>(
  scores: Tensor<readonly ["batch", N]>,
  k: number,
  name: K
): Tensor<readonly ["batch", K], "int32"> =>
  named(k === 0 ? tf.zeros([scores.shape[0]!, 0], "int32") : tf.topk(detach(scores), k).indices, "batch", name)

/**
 * 1 at the positions, of n, that are among a row's indices, 0 elsewhere (compared rather than one-hot, which needs a depth of 2).
 */
export const among = (indices: Tensor<readonly ["batch", string], "int32">, n: number): tf.Tensor =>
  indices.shape[1] === 0
    ? tf.zeros([indices.shape[0]!, n], "int32")
    : tf.sum(tf.cast(tf.equal(tf.expandDims(indices, 2), tf.reshape(tf.range(0, n, 1, "int32"), [1, 1, n])), "int32"), 1)
