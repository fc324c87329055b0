import * as tf from "@tensorflow/tfjs"
import type { ParameterSpecs, Parameters } from "../pipeline/stage.ts"
import { attention } from "../tensor/own.ts"
import { named, type Tensor } from "../tensor/tensor.ts"
import { dense, denseSpecs, denseUnbiased } from "./dense.ts"
import type { Init } from "./parameter.ts"

/** States of a width that everything in the model shares. */
export type States<Batch extends string = string, Rows extends string = string> = Tensor<readonly [Batch, Rows, "width"]>

/** What is added to scores [batch, keys]: 0, or −1e9 where a key is padding. */
export type KeyBias<Batch extends string = string, Keys extends string = string> = Tensor<readonly [Batch, Keys]>

/** Where the projections of an attention are: `<inner>.{query,key,value}`, and the one of its output. */
export interface AttentionNames {
  readonly inner: string
  readonly output: string
}

/** Projections of width × width; the key's has no bias, since softmax ignores it. */
export const multiHeadSpecs = ({ inner, output }: AttentionNames, width: number, init: Init): ParameterSpecs => ({
  ...denseSpecs(`${inner}.query`, width, width, init),
  ...denseSpecs(`${inner}.key`, width, width, init, false),
  ...denseSpecs(`${inner}.value`, width, width, init),
  ...denseSpecs(output, width, width, init)
})

/** Attention of `x` to `context` (itself, or another stream) with projections before and after (Vaswani et al. 2017, §3.2.2). */
export const multiHead = <B extends string, Q extends string, K extends string>(
  parameters: Parameters,
  { inner, output }: AttentionNames,
  x: States<B, Q>,
  context: States<B, K>,
  heads: number,
  bias?: KeyBias<B, K>
): States<B, Q> => {
  const query = dense<[B, Q], "width", "width">(parameters, `${inner}.query`, x, "width")
  const key = denseUnbiased<[B, K], "width", "width">(parameters, `${inner}.key`, context, "width")
  const value = dense<[B, K], "width", "width">(parameters, `${inner}.value`, context, "width")
  return dense<[B, Q], "width", "width">(parameters, output, attention(query, key, value, heads, bias), "width")
}

const split = (x: tf.Tensor, heads: number): tf.Tensor =>
  tf.transpose(tf.reshape(x, [x.shape[0]!, x.shape[1]!, heads, x.shape[2]! / heads]), [0, 2, 1, 3])

/** The weights [batch, queries, keys] of the same attention, as a mean over its heads: what an attention map shows. */
export const attentionWeights = <B extends string, Q extends string, K extends string>(
  parameters: Parameters,
  { inner }: AttentionNames,
  x: States<B, Q>,
  context: States<B, K>,
  heads: number,
  bias?: KeyBias<B, K>
): Tensor<readonly [B, Q, K]> => {
  const query = dense<[B, Q], "width", "width">(parameters, `${inner}.query`, x, "width")
  const key = denseUnbiased<[B, K], "width", "width">(parameters, `${inner}.key`, context, "width")
  const scale = (query.shape[2]! / heads) ** -0.5
  const scores = tf.mul(tf.matMul(split(query, heads), split(key, heads), false, true), scale)
  const biased = bias ? tf.add(scores, tf.reshape(bias, [bias.shape[0]!, 1, 1, bias.shape[1]!])) : scores
  return named(tf.mean(tf.softmax(biased), 1), ...(["batch", "queries", "keys"] as never as [B, Q, K]))
}
