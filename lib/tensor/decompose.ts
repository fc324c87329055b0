import * as tf from "@tensorflow/tfjs"

/**
 * A kernel of our own written in tfjs ops, which eager execution and the reference engine compute, and other targets without the
 * kernel use instead.
 */
export type Decomposition = (
  inputs: readonly tf.Tensor[],
  attributes: { readonly [name: string]: unknown }
) => readonly tf.Tensor[]

const rows = (x: tf.Tensor): tf.Tensor2D => tf.reshape(x, [-1, x.shape.at(-1)!])
const split = (x: tf.Tensor, heads: number): tf.Tensor =>
  tf.transpose(tf.reshape(x, [x.shape[0]!, x.shape[1]!, heads, x.shape[2]! / heads]), [0, 2, 1, 3])
const join = (x: tf.Tensor): tf.Tensor =>
  tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [x.shape[0]!, x.shape[2]!, x.shape[1]! * x.shape[3]!])

const linear: Decomposition = ([x, weight, bias]) => {
  const y = tf.matMul(rows(x!), weight as tf.Tensor2D, false, true)
  return [tf.reshape(bias ? tf.add(y, bias) : y, [...x!.shape.slice(0, -1), weight!.shape[0]!])]
}

const layerNorm: Decomposition = ([x, weight, bias], { epsilon }) => {
  const mean = tf.mean(x!, -1, true)
  const centred = tf.sub(x!, mean)
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon as number))
  return [tf.add(tf.mul(tf.mul(centred, inverse), weight!), bias!), mean, inverse]
}

const layerNormGrad: Decomposition = ([dy, x, weight, mean, inverse]) => {
  const normal = tf.mul(tf.sub(x!, mean!), inverse!)
  const g = tf.mul(dy!, weight!)
  const dx = tf.mul(tf.sub(tf.sub(g, tf.mean(g, -1, true)), tf.mul(normal, tf.mean(tf.mul(g, normal), -1, true))), inverse!)
  return [dx, tf.sum(rows(tf.mul(dy!, normal)), 0), tf.sum(rows(dy!), 0)]
}

const gelu: Decomposition = ([x]) => [tf.mul(tf.mul(x!, 0.5), tf.add(tf.erf(tf.mul(x!, Math.SQRT1_2)), 1))]

const geluGrad: Decomposition = ([dy, x]) => {
  const cumulative = tf.mul(tf.add(tf.erf(tf.mul(x!, Math.SQRT1_2)), 1), 0.5)
  const density = tf.mul(tf.exp(tf.mul(tf.square(x!), -0.5)), 1 / Math.sqrt(2 * Math.PI))
  return [tf.mul(dy!, tf.add(cumulative, tf.mul(x!, density)))]
}

/**
 * Reshapes an attention bias to [batch or 1, heads or 1, queries or 1, keys]: a bias [batch, keys] is the same for all queries.
 */
export const perScore = (bias: tf.Tensor): tf.Tensor =>
  bias.rank === 2 ? tf.reshape(bias, [bias.shape[0]!, 1, 1, bias.shape[1]!]) : bias

/**
 * Gradient of a bias from that of the scores [batch, heads, queries, keys]: a sum over the axes along which the bias is
 * broadcast.
 */
export const biasGradient = (ds: tf.Tensor, bias: tf.Tensor): tf.Tensor => {
  const { shape } = bias
  const four = shape.length === 2 ? [shape[0]!, 1, 1, shape[1]!] : shape
  const axes = four.flatMap((size, axis) => (size === 1 && ds.shape[axis] !== 1 ? [axis] : []))
  return tf.reshape(axes.length === 0 ? ds : tf.sum(ds, axes), shape)
}

const probabilities = (query: tf.Tensor, key: tf.Tensor, bias: tf.Tensor | undefined, heads: number): tf.Tensor => {
  const scale = (query.shape[2]! / heads) ** -0.5
  const scores = tf.mul(tf.matMul(split(query, heads), split(key, heads), false, true), scale)
  return tf.softmax(bias ? tf.add(scores, perScore(bias)) : scores)
}

const attention: Decomposition = ([query, key, value, bias], attributes) => {
  const heads = attributes["heads"] as number
  return [join(tf.matMul(probabilities(query!, key!, bias, heads), split(value!, heads)))]
}

/** Probabilities, dy by heads, and the gradient of the biased scores. */
const scoreGradient = (
  [dy, query, key, value, bias]: readonly [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor | undefined],
  heads: number
) => {
  const p = probabilities(query, key, bias, heads)
  const dyHeads = split(dy, heads)
  const dp = tf.matMul(dyHeads, split(value, heads), false, true)
  return { p, dyHeads, unscaled: tf.mul(p, tf.sub(dp, tf.sum(tf.mul(dp, p), -1, true))) }
}

const attentionGrad: Decomposition = ([dy, query, key, value, , bias], attributes) => {
  const heads = attributes["heads"] as number
  const scale = (query!.shape[2]! / heads) ** -0.5
  const { p, dyHeads, unscaled } = scoreGradient([dy!, query!, key!, value!, bias], heads)
  const ds = tf.mul(unscaled, scale)
  return [
    join(tf.matMul(ds, split(key!, heads))),
    join(tf.matMul(ds, split(query!, heads), true, false)),
    join(tf.matMul(p, dyHeads, true, false))
  ]
}

const attentionBiasGrad: Decomposition = ([dy, query, key, value, , bias], attributes) => [
  biasGradient(scoreGradient([dy!, query!, key!, value!, bias], attributes["heads"] as number).unscaled, bias!)
]

const logSumExp = (x: tf.Tensor): tf.Tensor => {
  const top = tf.max(x, -1, true)
  return tf.add(tf.log(tf.sum(tf.exp(tf.sub(x, top)), -1, true)), top)
}

const softCrossEntropy: Decomposition = ([logits, targets]) => [
  tf.sub(tf.reshape(logSumExp(logits!), [-1]), tf.sum(tf.mul(logits!, targets!), -1))
]

const softCrossEntropyGrad: Decomposition = ([dy, logits, targets]) => [
  tf.mul(tf.sub(tf.softmax(logits!), targets!), tf.reshape(dy!, [-1, 1]))
]

/** Decompositions of all our own kernels, in tfjs ops. */
export const decompositions = {
  Linear: linear,
  LinearUnbiased: linear,
  LayerNorm: layerNorm,
  LayerNormGrad: layerNormGrad,
  Gelu: gelu,
  GeluGrad: geluGrad,
  Attention: attention,
  AttentionGrad: attentionGrad,
  BiasedAttention: attention,
  BiasedAttentionGrad: attentionGrad,
  AttentionBiasGrad: attentionBiasGrad,
  SoftCrossEntropy: softCrossEntropy,
  SoftCrossEntropyGrad: softCrossEntropyGrad
} satisfies { readonly [op: string]: Decomposition }
