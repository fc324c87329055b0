import * as tf from "@tensorflow/tfjs"
import type { Attributes } from "./program.ts"

type Kernel = (inputs: readonly tf.Tensor[], attributes: Attributes) => tf.Tensor

const product: Kernel = ([a, b, c], attributes) => {
  const y = tf.matMul(a!, b!, attributes["transposeA"] === true, attributes["transposeB"] === true)
  const scaled = tf.mul(y, (attributes["alpha"] as number | undefined) ?? 1)
  return c ? tf.add(scaled, c) : scaled
}

/** Reference kernels, in tfjs ops, of the fused ops that passes insert. */
export const fusedKernels: { readonly [op: string]: Kernel } = {
  Gemm: product,
  GemmAdd: product,
  SquareSum: ([x]) => tf.sum(tf.square(x!)),
  LogSoftmax: ([x]) => tf.logSoftmax(x!),
  ScatterAdd: ([data, indices, rows]) =>
    tf.add(data!, tf.unsortedSegmentSum(rows!, tf.reshape(indices!, [-1]) as tf.Tensor1D, data!.shape[0]!))
}
