import * as tf from "@tensorflow/tfjs"
import type { Tensor } from "../tensor/tensor.ts"

/** x · rsqrt(Σ x² + 1e-12) over the last axis: unit vectors, and 0 stays 0. */
export const l2 = <S extends readonly string[]>(x: Tensor<S>): Tensor<S> =>
  tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-12))) as Tensor<S>
