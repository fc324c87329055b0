import * as tf from "@tensorflow/tfjs"
import { biasGradient, type Decomposition, perScore } from "../../tensor/decompose.ts"

const kernel = (op: string, inputs: Record<string, tf.Tensor>, attributes: object = {}): tf.Tensor =>
  tf.engine().runKernel(op, inputs, attributes as tf.NamedAttrMap)
const rows = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [-1, x.shape.at(-1)!])

const linear: Decomposition = ([x, weight, bias]) => {
  const a = rows(x!)
  const y = bias
    ? kernel("GemmAdd", { a, b: weight!, c: bias }, { transposeB: true })
    : kernel("Gemm", { a, b: weight! }, { transposeB: true })
  return [tf.reshape(y, [...x!.shape.slice(0, -1), weight!.shape[0]!])]
}

const scaled = (a: tf.Tensor, b: tf.Tensor, alpha: number, transposeA: boolean, transposeB: boolean): tf.Tensor =>
  kernel("BatchMatMul", { a, b }, { transposeA, transposeB, alpha })

/** ln(2/√π): 2 gelu′(√2 u) = 1 + erf u + u exp(ln(2/√π) − u²). */
const logarithm = Math.log(2 / Math.sqrt(Math.PI))

/** Gradient of GELU from x alone, so that nothing else is kept for the backward pass. */
const geluGrad: Decomposition = ([dy, x]) => {
  const u = tf.mul(x!, Math.SQRT1_2)
  const slope = tf.add(tf.mul(u, tf.exp(tf.sub(logarithm, tf.square(u)))), tf.add(tf.erf(u), 1))
  return [tf.mul(slope, tf.mul(dy!, 0.5))]
}

const layerNormGrad: Decomposition = ([dy, x, weight, mean, inverse]) => {
  const width = x!.shape.at(-1)!
  const [d, m, s] = [rows(dy!), rows(mean!), rows(inverse!)]
  const normal = tf.mul(tf.sub(rows(x!), m), s)
  const p = tf.mul(d, normal)
  const g = tf.mul(d, weight!)
  const along = kernel("Gemm", { a: p, b: tf.reshape(weight!, [width, 1]) }, { alpha: 1 / width })
  const dx = tf.mul(tf.sub(tf.sub(g, tf.mul(normal, along)), tf.mean(g, -1, true)), s)
  return [tf.reshape(dx, x!.shape), tf.sum(p, 0), tf.sum(d, 0)]
}

const split = (x: tf.Tensor, heads: number): tf.Tensor =>
  tf.transpose(tf.reshape(x, [x.shape[0]!, x.shape[1]!, heads, x.shape[2]! / heads]), [0, 2, 1, 3])
const join = (x: tf.Tensor): tf.Tensor =>
  tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [x.shape[0]!, x.shape[2]!, x.shape[1]! * x.shape[3]!])

const probabilities = (query: tf.Tensor, key: tf.Tensor, bias: tf.Tensor | undefined, heads: number): tf.Tensor => {
  const scores = scaled(split(query, heads), split(key, heads), (query.shape[2]! / heads) ** -0.5, false, true)
  return tf.softmax(bias ? tf.add(scores, perScore(bias)) : scores)
}

const attention: Decomposition = ([query, key, value, bias], attributes) => {
  const heads = attributes["heads"] as number
  return [join(tf.matMul(probabilities(query!, key!, bias, heads), split(value!, heads)))]
}

/**
 * Probabilities, dy by heads, and the gradient of the biased scores. The row sums of P ∘ dP are those of O ∘ dO, which has fewer
 * elements (Dao et al. 2022, eq. 4).
 */
const scoreGradient = ([dy, query, key, value, output, bias]: readonly tf.Tensor[], heads: number) => {
  const [batch, length, width] = query!.shape as [number, number, number]
  const p = probabilities(query!, key!, bias, heads)
  const sums = tf.sum(tf.reshape(tf.mul(dy!, output!), [batch, length, heads, width / heads]), 3, true)
  const dyHeads = split(dy!, heads)
  const dp = tf.matMul(dyHeads, split(value!, heads), false, true)
  return { p, dyHeads, ds: tf.mul(p, tf.sub(dp, tf.transpose(sums, [0, 2, 1, 3]))) }
}

const attentionGrad: Decomposition = (inputs, attributes) => {
  const [, query, key] = inputs
  const heads = attributes["heads"] as number
  const scale = (query!.shape[2]! / heads) ** -0.5
  const { p, dyHeads, ds } = scoreGradient(inputs, heads)
  return [
    join(scaled(ds, split(key!, heads), scale, false, false)),
    join(scaled(ds, split(query!, heads), scale, true, false)),
    join(tf.matMul(p, dyHeads, true, false))
  ]
}

const attentionBiasGrad: Decomposition = (inputs, attributes) => [
  biasGradient(scoreGradient(inputs, attributes["heads"] as number).ds, inputs[5]!)
]

const softCrossEntropy: Decomposition = ([logits, targets]) => [
  tf.neg(tf.sum(tf.mul(kernel("LogSoftmax", { logits: logits! }), targets!), -1))
]

const softCrossEntropyGrad: Decomposition = ([dy, logits, targets]) => [
  tf.mul(tf.sub(tf.exp(kernel("LogSoftmax", { logits: logits! })), targets!), tf.reshape(dy!, [-1, 1]))
]

/**
 * Decompositions of our own kernels into the ops that ONNX Runtime computes fastest (measured); for the forward GELU and
 * LayerNorm it has kernels of its own.
 */
export const onnxDecompositions = {
  Linear: linear,
  LinearUnbiased: linear,
  LayerNormGrad: layerNormGrad,
  GeluGrad: geluGrad,
  Attention: attention,
  AttentionGrad: attentionGrad,
  BiasedAttention: attention,
  BiasedAttentionGrad: attentionGrad,
  AttentionBiasGrad: attentionBiasGrad,
  SoftCrossEntropy: softCrossEntropy,
  SoftCrossEntropyGrad: softCrossEntropyGrad
} satisfies { readonly [op: string]: Decomposition }
