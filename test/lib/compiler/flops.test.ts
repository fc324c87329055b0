import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { flops, nodeFlops } from "../../../lib/compiler/flops.ts"
import { prepareForOnnx } from "../../../lib/compiler/onnx/passes.ts"
import { stage, trace } from "../../../lib/compiler/trace.ts"
import { conv2d } from "../../../lib/tensor/convolution.ts"
import { attention, linear } from "../../../lib/tensor/own.ts"

describe("floating-point operations", () => {
  it("are two for each number summed up by a product, whichever way its matrices lie", () => {
    for (const [a, b, left, right] of [
      [[3, 4], [4, 5], false, false],
      [[4, 3], [5, 4], true, true]
    ] as const) {
      const product = trace((t) => ({
        outputs: { y: tf.matMul(t.input("a", a, "float32"), t.input("b", b, "float32"), left, right) }
      }))
      assert.strictEqual(flops(product).total, 2 * 3 * 4 * 5)
    }
  })
  it("are as many for a convolution, its transpose and the filter's gradient: two for each place, filter and channel", () => {
    const program = trace((t) => {
      const [x, w] = [t.input("x", [2, 8, 8, 3], "float32"), t.input("w", [4, 4, 3, 5], "float32")]
      const f = (x: tf.Tensor, w: tf.Tensor) => conv2d(x as never, w as never, { stride: 2, padding: 1 }) as tf.Tensor
      const y = f(x, w)
      const { grads } = tf.engine().gradients(() => f(x, w), [x, w], y)
      return { outputs: { y, dx: grads[0]!, dw: grads[1]! } }
    })
    const once = program.nodes.filter(({ op }) => op.startsWith("Conv2D")).map((node) => nodeFlops(program, node))
    assert.deepEqual(new Set(once), new Set([2 * (2 * 4 * 4 * 5) * (4 * 4 * 3)]))
    assert.includeMembers(
      program.nodes.map(({ op }) => op),
      ["Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"]
    )
  })
  it("are told by stage", () => {
    const program = trace((t) => {
      const x = t.input("x", [2, 3, 8], "float32")
      const y = stage("first", () => linear(x as never, t.input("w", [16, 8], "float32") as never) as tf.Tensor)
      return { outputs: { y: stage("second", () => tf.exp(y)) } }
    })
    assert.deepEqual(
      [...flops(program).byStage],
      [
        ["first", 2 * 6 * 16 * 8],
        ["second", 96]
      ]
    )
  })
  it("of attention are about the same whole and taken apart", () => {
    const program = trace((t) => {
      const x = t.input("x", [2, 64, 128], "float32") as never
      return { outputs: { y: attention(x, x, x, 2) } }
    })
    const [whole, apart] = [flops(program).total, flops(prepareForOnnx(program)).total]
    assert.strictEqual(whole, 2 * 2 * 2 * 64 * 64 * 128)
    assert.isBelow(Math.abs(apart - whole), 0.05 * whole)
  })
})
