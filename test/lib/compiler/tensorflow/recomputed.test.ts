import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { lowerFunction } from "../../../../lib/compiler/tensorflow/function.ts"
import { prepareForTensorflow } from "../../../../lib/compiler/tensorflow/passes.ts"
import { trace } from "../../../../lib/compiler/trace.ts"
import { gelu, layerNorm, linear } from "../../../../lib/tensor/own.ts"

/** A layer with its gradient for all that it has. */
const layer = trace((t) => {
  const x = t.input("x", [4, 8], "float32")
  const weights = [t.input("w", [8, 8], "float32"), t.input("g", [8], "float32"), t.input("b", [8], "float32")]
  const [w, g, b] = weights as [tf.Tensor, tf.Tensor1D, tf.Tensor1D]
  const loss = () =>
    tf.mean(tf.square(tf.add(x, gelu(linear(layerNorm(tf.tanh(x) as never, g, b, 1e-6) as never, w as never) as never))))
  const { value, grads } = tf.engine().gradients(loss, weights, undefined as never, true)
  return { outputs: { value, ...Object.fromEntries(grads.map((gradient, i) => [`${i}`, gradient])) } }
})

/** What goes through each barrier of the layer. */
const barriersOf = (recompute: boolean): readonly string[] => {
  const options = { compute: "float32", buffers: {}, partition: new Map() } as const
  const { node } = lowerFunction("step", prepareForTensorflow(layer, { recompute }), options).definition
  return node.filter(({ op }) => op === "XlaOptimizationBarrier").map(({ input }) => input.join())
}

describe("recomputed values", () => {
  it("start behind barriers, one for each original value, so that XLA recomputes them", () => {
    const barriers = barriersOf(true)
    assert.isNotEmpty(barriers)
    assert.strictEqual(new Set(barriers).size, barriers.length)
    assert.isTrue(barriers.some((input) => input.includes("Tanh")))
  })
  it("are not there, and no barrier, unless they are asked for", () => assert.isEmpty(barriersOf(false)))
})
