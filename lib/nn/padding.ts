import * as tf from "@tensorflow/tfjs"
import { named, type Tensor } from "../tensor/tensor.ts"
import type { KeyBias } from "./multi-head.ts"

/** What hides padding from attention: 0 for real tokens, −1e9 (not −∞, which makes NaN of rows that are all padding) for the others. */
export const paddingBias = (tokenMask: Tensor<readonly ["batch", "tokens"], "bool">): KeyBias<"batch", "tokens"> =>
  named(tf.mul(tf.sub(tf.cast(tokenMask, "float32"), 1), 1e9), "batch", "tokens")
