import * as tf from "@tensorflow/tfjs"
import type { ParameterSpecs, Parameters } from "../pipeline/stage.ts"
import type { AttentionBias } from "../tensor/own.ts"
import { feedForward, feedForwardSpecs } from "./feed-forward.ts"
import { type AttentionNames, type HiddenStates, multiHead, multiHeadSpecs } from "./multi-head.ts"
import { norm, normSpecs } from "./norm.ts"
import type { Init } from "./parameter.ts"

const epsilon = 1e-6
const names = (name: string): AttentionNames => ({
  inner: `${name}.attention.attention`,
  output: `${name}.attention.output.dense`
})

/** Parameters of a ViT layer, named as in Hugging Face. */
export const preNormLayerSpecs = (name: string, width: number, mlpRatio: number, init: Init): ParameterSpecs => ({
  ...normSpecs(`${name}.layernorm_before`, width),
  ...multiHeadSpecs(names(name), width, init),
  ...normSpecs(`${name}.layernorm_after`, width),
  ...feedForwardSpecs(name, width, mlpRatio, init)
})

/**
 * A transformer layer with layer normalisation before each half: x + attention(LN x), then x + MLP(LN x) (Dosovitskiy et al.
 * 2021, eq. 2–3).
 */
export const preNormLayer = <B extends string, T extends string, W extends string>(
  parameters: Parameters,
  name: string,
  x: HiddenStates<B, T, W>,
  heads: number,
  bias?: AttentionBias<NoInfer<B>, NoInfer<T>, NoInfer<T>>
): HiddenStates<B, T, W> => {
  const before = norm(parameters, `${name}.layernorm_before`, x, epsilon)
  const attended = tf.add(x, multiHead(parameters, names(name), before, before, heads, bias)) as HiddenStates<B, T, W>
  const after = norm(parameters, `${name}.layernorm_after`, attended, epsilon)
  return tf.add(attended, feedForward<[B, T], W>(parameters, name, after)) as HiddenStates<B, T, W>
}
