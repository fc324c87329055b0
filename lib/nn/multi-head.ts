import * as tf from "@tensorflow/tfjs"
import type { ParameterSpecs, Parameters } from "../pipeline/stage.ts"
import { perScore } from "../tensor/decompose.ts"
import { type AttentionBias, attention } from "../tensor/own.ts"
import { named, type Tensor } from "../tensor/tensor.ts"
import { dense, denseSpecs, denseUnbiased } from "./dense.ts"
import type { Init } from "./parameter.ts"

/** Hidden states of a transformer, [batch, tokens, width]; each of the three may have another name. */
export type HiddenStates<Batch extends string = string, Tokens extends string = string, Width extends string = "width"> = Tensor<
  readonly [Batch, Tokens, Width]
>

/** Parameter names of the projections of an attention: `<inner>.{query,key,value}`, and the one of its output. */
export interface AttentionNames {
  readonly inner: string
  readonly output: string
}

/**
 * Parameters of the projections, width × width, or from `contextWidth` for keys and values; the key's has no bias, since softmax
 * is invariant to it.
 */
export const multiHeadSpecs = (
  { inner, output }: AttentionNames,
  width: number,
  init: Init,
  contextWidth = width
): ParameterSpecs => ({
  ...denseSpecs(`${inner}.query`, width, width, init),
  ...denseSpecs(`${inner}.key`, width, contextWidth, init, false),
  ...denseSpecs(`${inner}.value`, width, contextWidth, init),
  ...denseSpecs(output, width, width, init)
})

/**
 * Attention of `x` to `context` (itself, or another stream, which may have another width) with projections before and after
 * (Vaswani et al. 2017, §3.2.2); `bias` is added to the scores.
 */
export const multiHead = <B extends string, Q extends string, K extends string, W extends string, C extends string = W>(
  parameters: Parameters,
  { inner, output }: AttentionNames,
  x: HiddenStates<B, Q, W>,
  context: HiddenStates<B, K, C>,
  heads: number,
  bias?: AttentionBias<NoInfer<B>, NoInfer<Q>, NoInfer<K>>
): HiddenStates<B, Q, W> => {
  const query = dense<[B, Q], W>(parameters, `${inner}.query`, x)
  const key = denseUnbiased<[B, K], C, W>(parameters, `${inner}.key`, context)
  const value = dense<[B, K], C, W>(parameters, `${inner}.value`, context)
  return dense<[B, Q], W>(parameters, output, attention(query, key, value, heads, bias))
}

const split = (x: tf.Tensor, heads: number): tf.Tensor =>
  tf.transpose(tf.reshape(x, [x.shape[0]!, x.shape[1]!, heads, x.shape[2]! / heads]), [0, 2, 1, 3])

/** Attention weights [batch, queries, keys] of the same attention, averaged over its heads, for attention maps. */
export const attentionWeights = <B extends string, Q extends string, K extends string, W extends string, C extends string = W>(
  parameters: Parameters,
  { inner }: AttentionNames,
  x: HiddenStates<B, Q, W>,
  context: HiddenStates<B, K, C>,
  heads: number,
  bias?: AttentionBias<NoInfer<B>, NoInfer<Q>, NoInfer<K>>
): Tensor<readonly [B, Q, K]> => {
  const query = dense<[B, Q], W>(parameters, `${inner}.query`, x)
  const key = denseUnbiased<[B, K], C, W>(parameters, `${inner}.key`, context)
  const scale = (query.shape[2]! / heads) ** -0.5
  const scores = tf.mul(tf.matMul(split(query, heads), split(key, heads), false, true), scale)
  const weights = tf.softmax(bias ? tf.add(scores, perScore(bias)) : scores)
  return named(tf.mean(weights, 1), ...(["batch", "queries", "keys"] as never as [B, Q, K]))
}
