import * as tf from "@tensorflow/tfjs"
import type { Dtype } from "../tensor/field.ts"
import { named, type Tensor } from "../tensor/tensor.ts"

/**
 * Hidden states of the chosen tokens of each sample, concatenated: x [batch, tokens, width] and indices int32[batch, chosen] give
 * [batch · chosen, width]. One gather along a flat axis: tfjs unrolls the gradient of a gather with batch dimensions.
 */
export const gatherTokens = <B extends string, N extends string, K extends string, W extends string>(
  x: Tensor<readonly [B, N, W]>,
  indices: Tensor<readonly [B, K], "int32">
): Tensor<readonly ["rows", W]> => {
  const [, n, width] = x.shape as [number, number, number]
  return named(tf.gather(tf.reshape(x, [-1, width]), flatIndices(indices, n)), "rows", "width") as Tensor<readonly ["rows", W]>
}

/** Chosen elements of each sample, concatenated: x [batch, n] and indices int32[batch, chosen] give [batch · chosen]. */
export const gatherElements = <B extends string, N extends string, K extends string, D extends Dtype>(
  x: Tensor<readonly [B, N], D>,
  indices: Tensor<readonly [B, K], "int32">
): Tensor<readonly ["rows"], D> => named(tf.gather(tf.reshape(x, [-1]), flatIndices(indices, x.shape[1]!)), "rows")

const flatIndices = (indices: tf.Tensor, n: number): tf.Tensor1D => {
  const starts = tf.reshape(tf.range(0, indices.shape[0]! * n, n, "int32"), [-1, 1])
  return tf.reshape(tf.add(indices, starts), [-1])
}

/** First token of each sample, its [CLS]: [batch, tokens, width] → [batch, width]. */
export const clsToken = <B extends string, T extends string, W extends string>(
  x: Tensor<readonly [B, T, W]>
): Tensor<readonly [B, W]> => {
  const [batch, , width] = x.shape as [number, number, number]
  return tf.reshape(tf.slice(x, [0, 0, 0], [batch, 1, width]), [batch, width]) as Tensor<readonly [B, W]>
}

/** All tokens of each sample except its [CLS]: of [batch, patches+1, width], the patches [batch, patches, width]. */
export const patchTokens = <B extends string, T extends string, W extends string>(
  x: Tensor<readonly [B, `${T}+1`, W]>
): Tensor<readonly [B, T, W]> => tf.slice(x, [0, 1, 0], [-1, -1, -1]) as tf.Tensor as Tensor<readonly [B, T, W]>
