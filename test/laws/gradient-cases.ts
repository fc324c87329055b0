import * as tf from "@tensorflow/tfjs"
import type { Traced, Tracer } from "../../lib/compiler/trace.ts"
import { causalBias, combineBiases, paddingBias, relativeBias } from "../../lib/nn/attention-bias.ts"
import { conv2d, conv2dTranspose } from "../../lib/tensor/convolution.ts"
import { attention, gelu, layerNorm, linear, softCrossEntropy } from "../../lib/tensor/own.ts"
import { bools, type Case, floats, ints, of } from "./case.ts"

/** Gradients of a function's weighted results with respect to its inputs, beside its results. */
const withGradients = (t: Tracer, inputs: Record<string, tf.Tensor>, f: () => readonly tf.Tensor[]): Traced => {
  const results: tf.Tensor[] = []
  const names = Object.keys(inputs)
  const { grads } = tf.engine().gradients(
    () => {
      for (const [i, y] of f().entries()) results.push(tf.mul(y, floats(t, `weight ${i}`, ...y.shape)))
      return tf.addN(results.map((y) => tf.sum(y)))
    },
    names.map((name) => inputs[name]!),
    undefined as never,
    true
  )
  return {
    outputs: {
      ...Object.fromEntries(results.map((y, i) => [`y${i}`, y])),
      ...Object.fromEntries(names.map((name, i) => [`gradient of ${name}`, grads[i]!]))
    }
  }
}

/** Our own kernels, and gradients through them and through the ops that lose their shape in the backward pass. */
export const gradientCases: readonly Case[] = [
  of("linear", (t) => {
    const inputs = { x: floats(t, "x", 2, 3, 4), w: floats(t, "w", 5, 4), b: floats(t, "b", 5) }
    return withGradients(t, inputs, () => [linear(inputs.x as never, inputs.w as never, inputs.b as never)])
  }),
  of("linear without bias, of rows, twice with one weight", (t) => {
    const inputs = { x: floats(t, "x", 3, 4), w: floats(t, "w", 4, 4) }
    return withGradients(t, inputs, () => [linear(linear(inputs.x as never, inputs.w as never), inputs.w as never)])
  }),
  ...[
    [5, 8],
    [2, 3, 8]
  ].map((shape) =>
    of(`layer norm of [${shape}]`, (t) => {
      const inputs = { x: floats(t, "x", ...shape), w: floats(t, "w", 8), b: floats(t, "b", 8) }
      return withGradients(t, inputs, () => [layerNorm(inputs.x as never, inputs.w, inputs.b, 1e-6)])
    })
  ),
  of("gelu between linears", (t) => {
    const inputs = { x: floats(t, "x", 2, 3, 4), w: floats(t, "w", 8, 4), b: floats(t, "b", 8), v: floats(t, "v", 4, 8) }
    return withGradients(t, inputs, () => [
      linear(gelu(linear(inputs.x as never, inputs.w as never, inputs.b as never)) as never, inputs.v as never)
    ])
  }),
  of("gelu alone", (t) => {
    const inputs = { x: floats(t, "x", 2, 3, 4) }
    return withGradients(t, inputs, () => [gelu(inputs.x as never)])
  }),
  ...[false, true].map((masked) =>
    of(`attention over ${masked ? "masked " : ""}keys of another length`, (t) => {
      const inputs = { q: floats(t, "q", 2, 5, 8), k: floats(t, "k", 2, 3, 8), v: floats(t, "v", 2, 3, 8) }
      const bias = masked ? tf.mul(tf.cast(bools(t, "m", 2, 3), "float32"), -1e9) : undefined
      return withGradients(t, inputs, () => [
        attention(inputs.q as never, inputs.k as never, inputs.v as never, 2, bias as never)
      ])
    })
  ),
  ...[
    [2, 4],
    [2, 2, 3, 4],
    [1, 2, 3, 4],
    [2, 1, 3, 4],
    [2, 2, 1, 4],
    [1, 1, 1, 4]
  ].map((shape) =>
    of(`attention with a learned bias [${shape}]`, (t) => {
      const inputs = {
        q: floats(t, "q", 2, 3, 8),
        k: floats(t, "k", 2, 4, 8),
        v: floats(t, "v", 2, 4, 8),
        bias: floats(t, "b", ...shape)
      }
      return withGradients(t, inputs, () => [
        attention(inputs.q as never, inputs.k as never, inputs.v as never, 2, inputs.bias as never)
      ])
    })
  ),
  of("two attentions with one table of relative positions, causal and padded", (t) => {
    const inputs = { x: floats(t, "x", 2, 4, 8), table: floats(t, "table", 6, 2) }
    const padding = paddingBias(bools(t, "m", 2, 4) as never)
    const distance = ints(t, "d", 4, 4) as never
    return withGradients(t, inputs, () => {
      const bias = combineBiases(relativeBias(inputs.table, distance), causalBias(inputs.x as never), padding)
      const layer = (x: tf.Tensor): tf.Tensor => tf.add(x, attention(x as never, x as never, x as never, 2, bias as never))
      return [layer(layer(tf.mul(inputs.x, 0.5)))]
    })
  }),
  of("a whole attention layer with a residual", (t) => {
    const inputs = {
      x: floats(t, "x", 2, 5, 8),
      q: floats(t, "q", 8, 8),
      k: floats(t, "k", 8, 8),
      v: floats(t, "v", 8, 8),
      g: floats(t, "g", 8),
      b: floats(t, "b", 8)
    }
    // small weights: large scores make softmax too steep for a comparison of rounding errors
    const small = (w: tf.Tensor) => tf.mul(w, 0.3) as never
    return withGradients(t, inputs, () => {
      const x = layerNorm(inputs.x as never, inputs.g, inputs.b, 1e-6) as never
      const heads = attention(
        linear(x, small(inputs.q)) as never,
        linear(x, small(inputs.k)) as never,
        linear(x, small(inputs.v)) as never,
        4
      )
      return [tf.add(inputs.x, linear(heads as never, small(inputs.q), inputs.b as never))]
    })
  }),
  ...(["same", "valid", 1] as const).map((padding) =>
    of(`convolutions to half the size and back, padding ${padding}`, (t) => {
      const inputs = {
        x: floats(t, "x", 2, 6, 8, 3),
        w: floats(t, "w", 4, 4, 3, 5),
        b: floats(t, "b", 5),
        v: floats(t, "v", 4, 4, 3, 5)
      }
      const options = { stride: 2, padding }
      return withGradients(t, inputs, () => {
        // small numbers: sums of many large ones would be compared by their rounding errors
        const small = (x: tf.Tensor) => tf.mul(x, 0.3) as never
        const y = gelu(tf.add(conv2d(inputs.x as never, small(inputs.w), options) as tf.Tensor, inputs.b) as never)
        return [conv2dTranspose(y as never, small(inputs.v), [6, 8], options)]
      })
    })
  ),
  of("a pointwise convolution of constants and of a window", (t) => {
    const inputs = { w: floats(t, "w", 1, 1, 3, 4) }
    return withGradients(t, inputs, () => [
      conv2d(tf.ones([1, 2, 2, 3]) as never, inputs.w as never),
      conv2d(tf.slice(floats(t, "x", 2, 5, 5, 3), [0, 1, 1, 0], [2, 3, 3, 3]) as never, inputs.w as never, { stride: [1, 2] })
    ])
  }),
  of("soft cross-entropy", (t) => {
    const inputs = { x: floats(t, "x", 4, 6) }
    return withGradients(t, inputs, () => [
      softCrossEntropy(tf.mul(inputs.x, 5) as never, tf.softmax(floats(t, "t", 4, 6)) as never)
    ])
  }),
  of("broadcasts, slices, pads and means in the backward pass", (t) => {
    const inputs = { x: floats(t, "x", 2, 5, 4), c: floats(t, "c", 1, 1, 4), p: floats(t, "p", 1, 6, 4) }
    return withGradients(t, inputs, () => {
      const x = tf.add(tf.concat([tf.tile(inputs.c, [2, 1, 1]), inputs.x], 1), inputs.p)
      const first = tf.reshape(tf.slice(x, [0, 0, 0], [-1, 1, -1]), [2, 4])
      return [
        tf.mean(tf.slice(x, [0, 1, 0], [-1, -1, -1]), 1),
        tf.mul(first, tf.rsqrt(tf.add(tf.sum(tf.square(first), -1, true), 1e-12)))
      ]
    })
  }),
  of("similarities to a batch and a long queue", (t) => {
    const inputs = { x: floats(t, "x", 3, 4), w: floats(t, "w", 4, 4) }
    const all = tf.concat([floats(t, "batch", 3, 4), floats(t, "queue", 40, 4)])
    return withGradients(t, inputs, () => [
      tf.logSoftmax(tf.matMul(tf.matMul(inputs.x as tf.Tensor2D, inputs.w as tf.Tensor2D), all as tf.Tensor2D, false, true))
    ])
  }),
  of("rows gathered many times", (t) => {
    const inputs = { x: floats(t, "x", 6, 4) }
    return withGradients(t, inputs, () => [tf.gather(inputs.x, ints(t, "i", 3, 7))])
  }),
  of("rows gathered so often that threads share them", (t) => {
    const inputs = { x: floats(t, "x", 6, 64) }
    return withGradients(t, inputs, () => [tf.gather(inputs.x, ints(t, "i", 3000))])
  }),
  of("a weight that is gathered from and multiplied by", (t) => {
    const inputs = { w: floats(t, "w", 6, 4) }
    return withGradients(t, inputs, () => [
      tf.matMul(tf.gather(inputs.w, ints(t, "i", 7)) as tf.Tensor2D, inputs.w as tf.Tensor2D, false, true)
    ])
  })
]
