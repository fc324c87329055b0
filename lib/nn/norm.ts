import type { ParameterSpecs, Parameters } from "../pipeline/stage.ts"
import { layerNorm } from "../tensor/own.ts"
import type { Tensor } from "../tensor/tensor.ts"
import { filled, undecayed } from "./parameter.ts"

/** `<name>.weight` and `<name>.bias` [width], which start at 1 and 0. */
export const normSpecs = (name: string, width: number): ParameterSpecs => ({
  [`${name}.weight`]: undecayed([width], filled(1)),
  [`${name}.bias`]: undecayed([width], filled(0))
})

/** Layer normalisation over the last axis; ε is 1e-6 in ViT, 1e-12 in BERT. */
export const norm = <S extends readonly string[]>(
  parameters: Parameters,
  name: string,
  x: Tensor<S>,
  epsilon: number
): Tensor<S> => layerNorm(x, parameters(`${name}.weight`), parameters(`${name}.bias`), epsilon)
