import * as tf from "@tensorflow/tfjs"
import { installGradients } from "./gradients.ts"
import { named, type Tensor } from "./tensor.ts"

const call = (op: string, inputs: Record<string, tf.Tensor>, attributes: object = {}): tf.Tensor => {
  installGradients()
  return ([tf.engine().runKernel(op, inputs, attributes as never)].flat() as tf.Tensor[])[0]!
}

/** Stops the gradient: returns a new handle on the same data. */
export const detach = <T extends tf.Tensor>(x: T): T => {
  tf.backend().incRef(x.dataId) // or disposing one handle would free the other's data
  return tf.engine().makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype }) as T
}

/** y = x wᵀ + b over the last axis: x [..., in], weight [out, in], bias [out]. */
export const linear = <B extends readonly string[], I extends string, O extends string>(
  x: Tensor<readonly [...B, I]>,
  weight: Tensor<readonly [O, I]>,
  bias?: Tensor<readonly [O]>
): Tensor<readonly [...B, O]> =>
  (bias ? call("Linear", { x, weight, bias }) : call("LinearUnbiased", { x, weight })) as Tensor<readonly [...B, O]>

/** Layer normalisation over the last axis (Ba et al. 2016), with population variance. */
export const layerNorm = <S extends readonly string[]>(
  x: Tensor<S>,
  weight: tf.Tensor,
  bias: tf.Tensor,
  epsilon: number
): Tensor<S> => call("LayerNorm", { x, weight, bias }, { epsilon }) as Tensor<S>

/** The erf GELU, x Φ(x) (Hendrycks & Gimpel 2016). */
export const gelu = <S extends readonly string[]>(x: Tensor<S>): Tensor<S> => call("Gelu", { x }) as Tensor<S>

/** Bias of the scores of each key, [batch, keys]: 0, or −1e9 where a key is padding. */
export type KeyBias<B extends string = string, K extends string = string> = Tensor<readonly [B, K]>

/** Bias of each score, [batch or 1, heads or 1, queries or 1, keys]; "1" names a dimension of size 1. */
export type ScoreBias<B extends string = string, Q extends string = string, K extends string = string> = Tensor<
  readonly [B | "1", "heads" | "1", Q | "1", K]
>

/** Bias that attention adds to its scores (constructors are in lib/nn/attention-bias.ts). */
export type AttentionBias<B extends string = string, Q extends string = string, K extends string = string> =
  | KeyBias<B, K>
  | ScoreBias<B, Q, K>

/**
 * Multi-head scaled dot-product attention (Vaswani et al. 2017, §3.2); heads are slices of the width, scores are scaled by (width
 * / heads)^-½ and `bias` is added to them. The gradient of the bias is computed only where it is requested.
 */
export const attention = <B extends string, Q extends string, K extends string, W extends string>(
  query: Tensor<readonly [B, Q, W]>,
  key: Tensor<readonly [B, K, W]>,
  value: Tensor<readonly [B, K, W]>,
  heads: number,
  bias?: AttentionBias<NoInfer<B>, NoInfer<Q>, NoInfer<K>>
): Tensor<readonly [B, Q, W]> =>
  (bias
    ? call("BiasedAttention", { query, key, value, bias }, { heads })
    : call("Attention", { query, key, value }, { heads })) as Tensor<readonly [B, Q, W]>

/** −Σ q log softmax(logits) per row; rows of `targets` sum to 1 and carry no gradient. */
export const softCrossEntropy = <R extends string, K extends string>(
  logits: Tensor<readonly [R, K]>,
  targets: Tensor<readonly [R, K]>
): Tensor<readonly [R]> => named(call("SoftCrossEntropy", { logits, targets: detach(targets) }), "rows") as Tensor<readonly [R]>
