import * as tf from "@tensorflow/tfjs"
import type { ParameterSpecs, Parameters } from "../pipeline/stage.ts"
import type { AttentionBias } from "../tensor/own.ts"
import { feedForward, feedForwardSpecs } from "./feed-forward.ts"
import { type AttentionNames, type HiddenStates, multiHead, multiHeadSpecs } from "./multi-head.ts"
import { norm, normSpecs } from "./norm.ts"
import type { Init } from "./parameter.ts"

const epsilon = 1e-12

/** Parameter names of one attention of a BERT layer, e.g. `<layer>.attention` or `<layer>.crossattention`. */
export const attentionNames = (name: string): AttentionNames => ({ inner: `${name}.self`, output: `${name}.output.dense` })

/** Parameters of one attention of a BERT layer, including its norm, named as in Hugging Face. */
export const postNormAttentionSpecs = (name: string, width: number, init: Init, contextWidth = width): ParameterSpecs => ({
  ...multiHeadSpecs(attentionNames(name), width, init, contextWidth),
  ...normSpecs(`${name}.output.LayerNorm`, width)
})

/** LN(x + attention(x → context)) (Vaswani et al. 2017). */
export const postNormAttention = <B extends string, Q extends string, K extends string, W extends string, C extends string = W>(
  parameters: Parameters,
  name: string,
  x: HiddenStates<B, Q, W>,
  context: HiddenStates<B, K, C>,
  heads: number,
  bias?: AttentionBias<NoInfer<B>, NoInfer<Q>, NoInfer<K>>
): HiddenStates<B, Q, W> => {
  const attended = multiHead(parameters, attentionNames(name), x, context, heads, bias)
  return norm(parameters, `${name}.output.LayerNorm`, tf.add(x, attended) as HiddenStates<B, Q, W>, epsilon)
}

/** Parameters of the second half of a BERT layer. */
export const postNormFeedForwardSpecs = (name: string, width: number, mlpRatio: number, init: Init): ParameterSpecs => ({
  ...feedForwardSpecs(name, width, mlpRatio, init),
  ...normSpecs(`${name}.output.LayerNorm`, width)
})

/** LN(x + MLP(x)). */
export const postNormFeedForward = <B extends string, T extends string, W extends string>(
  parameters: Parameters,
  name: string,
  x: HiddenStates<B, T, W>
): HiddenStates<B, T, W> => {
  const added = tf.add(x, feedForward<[B, T], W>(parameters, name, x)) as HiddenStates<B, T, W>
  return norm(parameters, `${name}.output.LayerNorm`, added, epsilon)
}

/** Parameters of a BERT layer. */
export const postNormLayerSpecs = (name: string, width: number, mlpRatio: number, init: Init): ParameterSpecs => ({
  ...postNormAttentionSpecs(`${name}.attention`, width, init),
  ...postNormFeedForwardSpecs(name, width, mlpRatio, init)
})

/** A transformer layer with layer normalisation after each half (Devlin et al. 2019). */
export const postNormLayer = <B extends string, T extends string, W extends string>(
  parameters: Parameters,
  name: string,
  x: HiddenStates<B, T, W>,
  heads: number,
  bias?: AttentionBias<NoInfer<B>, NoInfer<T>, NoInfer<T>>
): HiddenStates<B, T, W> =>
  postNormFeedForward(parameters, name, postNormAttention(parameters, `${name}.attention`, x, x, heads, bias))
