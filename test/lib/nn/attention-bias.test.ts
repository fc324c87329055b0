import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import { causalBias, combineBiases, paddingBias, relativeBias } from "../../../lib/nn/attention-bias.ts"
import { attention } from "../../../lib/tensor/own.ts"
import { named } from "../../../lib/tensor/tensor.ts"

beforeAll(async () => {
  await tf.setBackend("cpu")
})

const tokens = (batch: number, length: number, width = 4) =>
  named(tf.randomUniform([batch, length, width], -1, 1, "float32", 7), "batch", "tokens", "width")
const mask = (...rows: number[][]) => named<["batch", "tokens"], "bool">(tf.tensor2d(rows, undefined, "bool"), "batch", "tokens")
const near = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!

describe("biases of attention", () => {
  it("paddingBias is 0 for real tokens and −1e9 for padding", () => {
    assert.deepEqual([...paddingBias(mask([1, 1, 0])).dataSync()], [0, 0, -1e9])
  })

  it("causalBias hides later tokens, so that a token's result is that of the tokens up to it alone", () => {
    const x = tokens(2, 5)
    const all = attention(x, x, x, 2, causalBias(x))
    for (let n = 1; n <= 5; n++) {
      const start = named(tf.slice(x, [0, 0, 0], [2, n, 4]), "batch", "tokens", "width")
      const alone = attention(start, start, start, 2)
      assert.isBelow(
        near(tf.slice(all as tf.Tensor, [0, n - 1, 0], [2, 1, 4]), tf.slice(alone as tf.Tensor, [0, n - 1, 0], [2, 1, 4])),
        1e-6
      )
    }
  })

  it("combineBiases hides what any of them hides, and a query that sees nothing gets no NaN", () => {
    const x = tokens(2, 3)
    const bias = combineBiases(causalBias(x), paddingBias(mask([1, 1, 0], [0, 1, 1])))
    assert.deepEqual(bias.shape, [2, 1, 3, 3])
    const made: tf.Tensor = attention(x, x, x, 1, bias)
    assert.isTrue([...made.dataSync()].every(Number.isFinite))
    const seen = tf.slice(x as tf.Tensor, [1, 1, 0], [1, 1, 4])
    assert.isBelow(near(tf.slice(made, [1, 1, 0], [1, 1, 4]), seen), 1e-6)
  })

  it("relativeBias takes each pair's row of the table, and its gradient goes to that row from every pair", () => {
    const table = tf.tensor2d([1, 10, 2, 20, 3, 30], [3, 2])
    const distance = named<["q", "k"], "int32">(tf.tensor2d([1, 2, 0, 1], [2, 2], "int32"), "q", "k")
    assert.deepEqual([...relativeBias(table, distance).dataSync()], [2, 3, 1, 2, 20, 30, 10, 20])
    const gradient = tf.grad((t) => tf.sum(relativeBias(t, distance)))(table)
    assert.deepEqual([...gradient.dataSync()], [1, 1, 2, 2, 1, 1])
  })

  it("the gradient of a bias is the slope of what attention gives, for a bias of every shape", () => {
    const x = tokens(2, 3)
    const probe = tf.randomUniform([2, 3, 4], -1, 1, "float32", 8)
    for (const shape of [
      [2, 3],
      [2, 2, 3, 3],
      [1, 2, 3, 3],
      [2, 1, 1, 3],
      [1, 1, 1, 3]
    ]) {
      const value = (bias: tf.Tensor) => tf.sum(tf.mul(attention(x, x, x, 2, bias as never), probe)) as tf.Scalar
      const bias = tf.randomUniform(shape, -1, 1, "float32", 9)
      const gradient = tf.grad(value)(bias).dataSync()
      const numbers = bias.dataSync()
      const at = (i: number, step: number) =>
        value(
          tf.tensor(
            numbers.map((n, k) => (k === i ? n + step : n)),
            shape
          )
        ).dataSync()[0]!
      for (let i = 0; i < numbers.length; i++)
        assert.closeTo(gradient[i]!, (at(i, 0.05) - at(i, -0.05)) / 0.1, 2e-3, `[${shape}] at ${i}`)
    }
  })

  it("no gradient of a bias is computed where none is asked for", () => {
    const x = tokens(1, 2)
    const bias = paddingBias(named<["batch", "tokens"], "bool">(tf.tensor2d([[1, 0]], undefined, "bool"), "batch", "tokens"))
    const ran: string[] = []
    const run = tf.engine().runKernel
    tf.engine().runKernel = ((name: string, ...rest: [never, never]) => {
      ran.push(name)
      return run.call(tf.engine(), name, ...rest)
    }) as never
    try {
      tf.grad((y) => tf.sum(attention(y as never, y as never, y as never, 1, bias as never)))(x)
    } finally {
      tf.engine().runKernel = run
    }
    assert.include(ran, "BiasedAttentionGrad")
    assert.notInclude(ran, "AttentionBiasGrad")
  })
})
