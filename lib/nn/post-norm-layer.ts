import * as tf from "@tensorflow/tfjs"
import type { ParameterSpecs, Parameters } from "../pipeline/stage.ts"
import { feedForward, feedForwardSpecs } from "./feed-forward.ts"
import { type AttentionNames, type KeyBias, multiHead, multiHeadSpecs, type States } from "./multi-head.ts"
import { norm, normSpecs } from "./norm.ts"
import type { Init } from "./parameter.ts"

const epsilon = 1e-12

/** The names in one attention of a BERT layer, e.g. `<layer>.attention` or `<layer>.crossattention`. */
export const attentionNames = (name: string): AttentionNames => ({ inner: `${name}.self`, output: `${name}.output.dense` })

/** Parameters of one attention of a BERT layer, its norm among them, as Hugging Face names them. */
export const postNormAttentionSpecs = (name: string, width: number, init: Init): ParameterSpecs => ({
  ...multiHeadSpecs(attentionNames(name), width, init),
  ...normSpecs(`${name}.output.LayerNorm`, width)
})

/** LN(x + attention(x → context)) (Vaswani et al. 2017). */
export const postNormAttention = <B extends string, Q extends string, K extends string>(
  parameters: Parameters,
  name: string,
  x: States<B, Q>,
  context: States<B, K>,
  heads: number,
  bias?: KeyBias<B, K>
): States<B, Q> => {
  const attended = multiHead(parameters, attentionNames(name), x, context, heads, bias)
  return norm(parameters, `${name}.output.LayerNorm`, tf.add(x, attended) as States<B, Q>, epsilon)
}

/** Parameters of the second half of a BERT layer. */
export const postNormFeedForwardSpecs = (name: string, width: number, ratio: number, init: Init): ParameterSpecs => ({
  ...feedForwardSpecs(name, width, ratio, init),
  ...normSpecs(`${name}.output.LayerNorm`, width)
})

/** LN(x + MLP(x)). */
export const postNormFeedForward = <B extends string, R extends string>(
  parameters: Parameters,
  name: string,
  x: States<B, R>
): States<B, R> =>
  norm(parameters, `${name}.output.LayerNorm`, tf.add(x, feedForward<[B, R]>(parameters, name, x)) as States<B, R>, epsilon)

/** Parameters of a BERT layer. */
export const postNormLayerSpecs = (name: string, width: number, ratio: number, init: Init): ParameterSpecs => ({
  ...postNormAttentionSpecs(`${name}.attention`, width, init),
  ...postNormFeedForwardSpecs(name, width, ratio, init)
})

/** A transformer layer that normalises after each half (Devlin et al. 2019). */
export const postNormLayer = <B extends string, R extends string>(
  parameters: Parameters,
  name: string,
  x: States<B, R>,
  heads: number,
  bias?: KeyBias<B, R>
): States<B, R> => postNormFeedForward(parameters, name, postNormAttention(parameters, `${name}.attention`, x, x, heads, bias))
