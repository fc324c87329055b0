import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { UnsupportedOp } from "../../../../lib/compiler/errors.ts"
import { lower, lowerGraph } from "../../../../lib/compiler/onnx/lower.ts"
import { noFacts } from "../../../../lib/compiler/onnx/overwriting.ts"
import { prepareForOnnx } from "../../../../lib/compiler/onnx/passes.ts"
import { trace } from "../../../../lib/compiler/trace.ts"
import { gelu, linear } from "../../../../lib/tensor/own.ts"
import { fed, float, node, program } from "../programs.ts"

describe("lowering to ONNX", () => {
  it("names an op without a lowering, and the stage that used it", () => {
    const unknown = program({ values: [float(2), float(2)], inputs: [fed("x", 0)], nodes: [node("Nope", [0], [1])] })
    assert.throws(() => lowerGraph(unknown), UnsupportedOp, "onnx has no lowering for Nope, which stage 'test' uses")
  })
  it("makes a linear layer with its bias one Gemm", () => {
    const layer = trace((t) => {
      const [x, w, b] = [t.input("x", [2, 3, 4], "float32"), t.input("w", [5, 4], "float32"), t.input("b", [5], "float32")]
      return { outputs: { y: gelu(linear(x as never, w as never, b as never) as never) } }
    })
    assert.deepEqual(
      lowerGraph(prepareForOnnx(layer)).node.map(({ opType }) => opType),
      ["Reshape", "Gemm", "Reshape", "Gelu"]
    )
  })
  it("lets gradients of a weight used twice be added up by the second product", () => {
    const twice = trace((t) => {
      const [x, w] = [t.input("x", [40, 16], "float32"), t.input("w", [16, 16], "float32")]
      const y = (): tf.Tensor => tf.sum(tf.square(linear(linear(x as never, w as never) as never, w as never) as tf.Tensor))
      return { outputs: { gradient: tf.engine().gradients(y, [w], undefined as never, true).grads[0]! } }
    })
    const made = lowerGraph(prepareForOnnx(twice)).node
    assert.deepEqual(
      made.filter(({ opType }) => opType === "Gemm").map(({ input }) => input.length),
      [2, 2, 2, 2, 3]
    )
    assert.isFalse(made.some(({ opType }) => opType === "Add" || opType === "Sum"))
  })
  it("places large results in planned memory, none of what leaves the program", () => {
    const chain = trace((t) => {
      const x = t.input("x", [300, 300], "float32") as tf.Tensor2D
      return { outputs: { y: tf.matMul(tf.matMul(tf.exp(x), x), x) } }
    })
    const { scratch } = lower(prepareForOnnx(chain), { overwritable: {}, inOrder: true })
    assert.strictEqual(scratch.tensors.length, 2)
    assert.strictEqual(scratch.length, 2 * 300 * 300)
    assert.deepEqual(lower(prepareForOnnx(chain), noFacts).scratch, { length: 0, tensors: [] }, "where the order is not known")
  })
})
