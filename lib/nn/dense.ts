import type { ParameterSpecs, Parameters } from "../pipeline/stage.ts"
import { linear } from "../tensor/own.ts"
import { named, type Tensor } from "../tensor/tensor.ts"
import { filled, type Init, matrix, noDecay } from "./parameter.ts"

/** Parameters `<name>.weight` [outFeatures, inFeatures] and, with `bias`, `<name>.bias` [outFeatures], which starts at 0. */
export const denseSpecs = (name: string, outFeatures: number, inFeatures: number, init: Init, bias = true): ParameterSpecs => ({
  [`${name}.weight`]: matrix(outFeatures, inFeatures, init),
  ...(bias ? { [`${name}.bias`]: noDecay([outFeatures], filled(0)) } : {})
})

/** y = x Wᵀ + b over the last axis; `out` names the resulting axis, the input's name by default. */
export const dense = <B extends readonly string[], I extends string, O extends string = I>(
  parameters: Parameters,
  name: string,
  x: Tensor<readonly [...B, I]>,
  out?: O
): Tensor<readonly [...B, O]> =>
  linear<B, I, O>(x, weight(parameters, name, out) as never, named(parameters(`${name}.bias`), out ?? "out") as never)

/** y = x Wᵀ over the last axis. */
export const denseUnbiased = <B extends readonly string[], I extends string, O extends string = I>(
  parameters: Parameters,
  name: string,
  x: Tensor<readonly [...B, I]>,
  out?: O
): Tensor<readonly [...B, O]> => linear<B, I, O>(x, weight(parameters, name, out) as never)

const weight = (parameters: Parameters, name: string, out = "out") => named(parameters(`${name}.weight`), out, "in")
