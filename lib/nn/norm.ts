import * as tf from "@tensorflow/tfjs"
import type { ParameterSpecs, Parameters } from "../pipeline/stage.ts"
import { layerNorm } from "../tensor/own.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { filled, noDecay } from "./parameter.ts"

/** Parameters `<name>.weight` and `<name>.bias` [width], which start at 1 and 0. */
export const normSpecs = (name: string, width: number): ParameterSpecs => ({
  [`${name}.weight`]: noDecay([width], filled(1)),
  [`${name}.bias`]: noDecay([width], filled(0))
})

/** Layer normalisation over the last axis; ε is 1e-6 in ViT, 1e-12 in BERT. */
export const norm = <S extends readonly string[]>(
  parameters: Parameters,
  name: string,
  x: Tensor<S>,
  epsilon: number
): Tensor<S> => layerNorm(x, parameters(`${name}.weight`), parameters(`${name}.bias`), epsilon)

/** L2 normalisation, x · rsqrt(Σ x² + 1e-12), over the last axis: unit vectors, and 0 stays 0. */
export const l2Normalize = <S extends readonly string[]>(x: Tensor<S>): Tensor<S> =>
  tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-12))) as Tensor<S>
