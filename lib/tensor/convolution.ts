import * as tf from "@tensorflow/tfjs"
import type { Tensor } from "./tensor.ts"

/** Options of a convolution. */
export interface ConvolutionOptions<H extends string = string, W extends string = string> {
  /** Rows and columns from one position to the next; 1 by default. */
  readonly stride?: number | readonly [rows: number, columns: number]
  /**
   * Zeros around the image: enough for the result to have the image's size divided by the stride and rounded up ("same"; the odd
   * one at the end), none ("valid", the default), the same number on each side, or [before, after] for rows and for columns.
   */
  readonly padding?: "same" | "valid" | number | readonly [rows: readonly [number, number], columns: readonly [number, number]]
  /** Names of the rows and columns of the result; the image's own by default. */
  readonly out?: readonly [rows: H, columns: W]
}

const strideOf = (stride: ConvolutionOptions["stride"] = 1): [number, number] =>
  typeof stride === "number" ? [stride, stride] : [...stride]

type Explicit = Exclude<Parameters<typeof tf.conv2d>[3], string | number>

const padOf = (padding: ConvolutionOptions["padding"] = "valid"): "same" | "valid" | Explicit => {
  if (typeof padding === "string") return padding
  const [rows, columns] =
    typeof padding === "number"
      ? [
          [padding, padding],
          [padding, padding]
        ]
      : padding
  return [[0, 0], [...rows], [...columns], [0, 0]] as Explicit
}

/**
 * 2-D convolution (cross-correlation): x [batch, rows, columns, in] by a filter [rows, columns, in, out]. A last step that would
 * pass the image's end is dropped.
 */
export const conv2d = <
  B extends string,
  H extends string,
  W extends string,
  I extends string,
  O extends string,
  H2 extends string = H,
  W2 extends string = W
>(
  x: Tensor<readonly [B, H, W, I]>,
  filter: Tensor<readonly [string, string, I, O]>,
  { stride, padding }: ConvolutionOptions<H2, W2> = {}
): Tensor<readonly [B, H2, W2, O]> =>
  tf.conv2d(
    x as tf.Tensor as tf.Tensor4D,
    filter as tf.Tensor as tf.Tensor4D,
    strideOf(stride),
    padOf(padding)
  ) as tf.Tensor as Tensor<readonly [B, H2, W2, O]>

/**
 * Transposed 2-D convolution of `y` [batch, rows, columns, out] to [batch, …size, in]: the transpose of the convolution from
 * images of that size, larger than `y` by the stride, to `y`. The filter is that convolution's, [rows, columns, in, out].
 */
export const conv2dTranspose = <
  B extends string,
  H extends string,
  W extends string,
  I extends string,
  O extends string,
  H2 extends string = H,
  W2 extends string = W
>(
  y: Tensor<readonly [B, H, W, O]>,
  filter: Tensor<readonly [string, string, I, O]>,
  [rows, columns]: readonly [rows: number, columns: number],
  { stride, padding }: ConvolutionOptions<H2, W2> = {}
): Tensor<readonly [B, H2, W2, I]> => {
  const shape: [number, number, number, number] = [y.shape[0]!, rows, columns, filter.shape[2]!]
  const made = tf.conv2dTranspose(
    y as tf.Tensor as tf.Tensor4D,
    filter as tf.Tensor as tf.Tensor4D,
    shape,
    strideOf(stride),
    padOf(padding)
  )
  return made as tf.Tensor as Tensor<readonly [B, H2, W2, I]>
}
