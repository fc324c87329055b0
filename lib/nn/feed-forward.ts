import type { ParameterSpecs, Parameters } from "../pipeline/stage.ts"
import { gelu } from "../tensor/own.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { dense, denseSpecs } from "./dense.ts"
import type { Init } from "./parameter.ts"

/** `<name>.intermediate.dense` and `<name>.output.dense`: width → ratio·width → width. */
export const feedForwardSpecs = (name: string, width: number, ratio: number, init: Init): ParameterSpecs => ({
  ...denseSpecs(`${name}.intermediate.dense`, ratio * width, width, init),
  ...denseSpecs(`${name}.output.dense`, width, ratio * width, init)
})

/** Two layers with the erf GELU between (Vaswani et al. 2017, §3.3). */
export const feedForward = <B extends readonly string[]>(
  parameters: Parameters,
  name: string,
  x: Tensor<readonly [...B, "width"]>
): Tensor<readonly [...B, "width"]> => {
  const hidden = gelu(dense<B, "width", "hidden">(parameters, `${name}.intermediate.dense`, x, "hidden"))
  return dense<B, "hidden", "width">(parameters, `${name}.output.dense`, hidden, "width")
}
