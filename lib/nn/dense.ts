import type { ParameterSpecs, Parameters } from "../pipeline/stage.ts"
import { linear } from "../tensor/own.ts"
import { named, type Tensor } from "../tensor/tensor.ts"
import { filled, type Init, matrix, undecayed } from "./parameter.ts"

/** `<name>.weight` [outer, inner] and, unless told otherwise, `<name>.bias` [outer], which starts at 0. */
export const denseSpecs = (name: string, outer: number, inner: number, init: Init, bias = true): ParameterSpecs => ({
  [`${name}.weight`]: matrix(outer, inner, init),
  ...(bias ? { [`${name}.bias`]: undecayed([outer], filled(0)) } : {})
})

/** y = x Wᵀ + b over the last axis; `out` names the axis it becomes. */
export const dense = <B extends readonly string[], I extends string, O extends string>(
  parameters: Parameters,
  name: string,
  x: Tensor<readonly [...B, I]>,
  out: O
): Tensor<readonly [...B, O]> =>
  linear<B, I, O>(x, named(parameters(`${name}.weight`), out, "in") as never, named(parameters(`${name}.bias`), out))

/** The same without a bias. */
export const denseUnbiased = <B extends readonly string[], I extends string, O extends string>(
  parameters: Parameters,
  name: string,
  x: Tensor<readonly [...B, I]>,
  out: O
): Tensor<readonly [...B, O]> => linear<B, I, O>(x, named(parameters(`${name}.weight`), out, "in") as never)
