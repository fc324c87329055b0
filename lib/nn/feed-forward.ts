import type { ParameterSpecs, Parameters } from "../pipeline/stage.ts"
import { gelu } from "../tensor/own.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { dense, denseSpecs } from "./dense.ts"
import type { Init } from "./parameter.ts"

/** Parameters of `<name>.intermediate.dense` and `<name>.output.dense`: width → mlpRatio·width → width. */
export const feedForwardSpecs = (name: string, width: number, mlpRatio: number, init: Init): ParameterSpecs => ({
  ...denseSpecs(`${name}.intermediate.dense`, mlpRatio * width, width, init),
  ...denseSpecs(`${name}.output.dense`, width, mlpRatio * width, init)
})

/** Two dense layers with the erf GELU between them (Vaswani et al. 2017, §3.3). */
export const feedForward = <B extends readonly string[], W extends string>(
  parameters: Parameters,
  name: string,
  x: Tensor<readonly [...B, W]>
): Tensor<readonly [...B, W]> => {
  const hidden = gelu(dense<B, W, "hidden">(parameters, `${name}.intermediate.dense`, x, "hidden"))
  return dense<B, "hidden", W>(parameters, `${name}.output.dense`, hidden)
}
