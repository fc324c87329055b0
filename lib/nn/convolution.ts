import * as tf from "@tensorflow/tfjs"
import type { ParameterSpecs, Parameters } from "../pipeline/stage.ts"
import { type ConvolutionOptions, conv2d, conv2dTranspose } from "../tensor/convolution.ts"
import { named, type Tensor } from "../tensor/tensor.ts"
import { filled, type Init, noDecay } from "./parameter.ts"

/** Sizes of a filter: rows and columns, input and output channels. */
export interface FilterSize {
  readonly kernel: number | readonly [rows: number, columns: number]
  readonly inChannels: number
  readonly outChannels: number
}

const specs = (name: string, { kernel, inChannels, outChannels }: FilterSize, bias: number, init: Init): ParameterSpecs => ({
  [`${name}.weight`]: {
    shape: [...(typeof kernel === "number" ? [kernel, kernel] : kernel), inChannels, outChannels],
    init,
    decay: true
  },
  [`${name}.bias`]: noDecay([bias], filled(0))
})

/** Parameters `<name>.weight` [rows, columns, inChannels, outChannels] and `<name>.bias` [outChannels], which starts at 0. */
export const convolutionSpecs = (name: string, size: FilterSize, init: Init): ParameterSpecs =>
  specs(name, size, size.outChannels, init)

/**
 * Parameters of a transposed convolution: `<name>.weight` [rows, columns, outChannels, inChannels] and `<name>.bias`
 * [outChannels].
 */
export const transposedConvolutionSpecs = (name: string, { kernel, inChannels, outChannels }: FilterSize, init: Init) =>
  specs(name, { kernel, inChannels: outChannels, outChannels: inChannels }, outChannels, init)

/**
 * 2-D convolution with a bias: x [batch, rows, columns, in] → [batch, rows / stride, columns / stride, out]; `out` names the last
 * axis.
 */
export const convolution = <
  B extends string,
  H extends string,
  W extends string,
  I extends string,
  O extends string,
  H2 extends string = H,
  W2 extends string = W
>(
  parameters: Parameters,
  name: string,
  x: Tensor<readonly [B, H, W, I]>,
  out: O,
  options: ConvolutionOptions<H2, W2> = {}
): Tensor<readonly [B, H2, W2, O]> => {
  const filter = named(parameters(`${name}.weight`), "rows", "columns", "in", out)
  return tf.add(conv2d(x, filter as never, options) as tf.Tensor, parameters(`${name}.bias`)) as never
}

/** Transposed 2-D convolution with a bias: x [batch, rows, columns, in] → [batch, …size, out]; `out` names the last axis. */
export const transposedConvolution = <
  B extends string,
  H extends string,
  W extends string,
  I extends string,
  O extends string,
  H2 extends string = H,
  W2 extends string = W
>(
  parameters: Parameters,
  name: string,
  x: Tensor<readonly [B, H, W, I]>,
  out: O,
  size: readonly [rows: number, columns: number],
  options: ConvolutionOptions<H2, W2> = {}
): Tensor<readonly [B, H2, W2, O]> => {
  const filter = named(parameters(`${name}.weight`), "rows", "columns", out, "in")
  return tf.add(conv2dTranspose(x, filter as never, size, options) as tf.Tensor, parameters(`${name}.bias`)) as never
}
