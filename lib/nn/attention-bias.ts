import * as tf from "@tensorflow/tfjs"
import { perScore } from "../tensor/decompose.ts"
import type { Dtype } from "../tensor/field.ts"
import type { AttentionBias, KeyBias } from "../tensor/own.ts"
import type { Tensor } from "../tensor/tensor.ts"

/** Returns −1e9 where `hidden` is 1 and 0 where it is 0: −∞ would make NaN of rows that are hidden entirely. */
const hide = (hidden: tf.Tensor): tf.Tensor => tf.mul(hidden, -1e9)

/** Bias that hides padding, [batch, keys]: 0 where the mask is true (a real token), −1e9 elsewhere. */
export const paddingBias = <B extends string, K extends string>(mask: Tensor<readonly [B, K], "bool">): KeyBias<B, K> =>
  tf.mul(tf.sub(tf.cast(mask, "float32"), 1), 1e9) as tf.Tensor as KeyBias<B, K>

/**
 * Causal bias for `x` [batch, tokens, …], [1, 1, tokens, tokens]: 0 where a key's position is at most its query's, −1e9
 * elsewhere.
 */
export const causalBias = <T extends string>(
  x: Tensor<readonly [string, T, ...string[]], Dtype>
): Tensor<readonly ["1", "1", T, T]> => {
  const length = x.shape[1]!
  const positions = tf.range(0, length, 1, "int32")
  const later = tf.greater(tf.reshape(positions, [1, 1, 1, length]), tf.reshape(positions, [1, 1, length, 1]))
  return hide(tf.cast(later, "float32")) as Tensor<readonly ["1", "1", T, T]>
}

/**
 * Bias of relative positions, [1, heads, queries, keys], learned as a table [distances, heads] (Bao et al. 2022, BEiT);
 * `distance` is the row of the table for each pair of a query and a key, int32[queries, keys].
 */
export const relativeBias = <Q extends string, K extends string>(
  table: tf.Tensor,
  distance: Tensor<readonly [Q, K], "int32">
): Tensor<readonly ["1", "heads", Q, K]> => {
  const [queries, keys] = distance.shape as [number, number]
  const heads = table.shape[1]!
  const rows = tf.gather(table, tf.reshape(distance, [-1]) as tf.Tensor1D)
  return tf.reshape(tf.transpose(rows), [1, heads, queries, keys]) as tf.Tensor as Tensor<readonly ["1", "heads", Q, K]>
}

type Four = readonly [string, string, string, string]
type PerScore<T> =
  T extends Tensor<infer S>
    ? S extends readonly [infer B extends string, infer K extends string]
      ? readonly [B, "1", "1", K]
      : S extends Four
        ? S
        : never
    : never
type Combined<D extends Four> = Tensor<readonly [D[0], D[1], D[2], D[3]]>

/** Sum of biases, which hides what any of them hides: [batch or 1, heads or 1, queries or 1, keys]. */
export const combineBiases = <const T extends readonly [AttentionBias, ...AttentionBias[]]>(
  ...biases: T
): Combined<PerScore<T[number]>> =>
  biases.map((bias): tf.Tensor => perScore(bias)).reduce((sum, bias) => tf.add(sum, bias)) as never
