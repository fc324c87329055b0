import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { prepareForOnnx } from "../../../lib/compiler/onnx/passes.ts"
import type { Program } from "../../../lib/compiler/program.ts"
import { prepareForTensorflow } from "../../../lib/compiler/tensorflow/passes.ts"
import { trace } from "../../../lib/compiler/trace.ts"
import { attention } from "../../../lib/tensor/own.ts"

/** Attention of a sequence to itself, and its gradient by the sequence, and by the bias where it is asked for. */
const program = (learned: boolean): Program =>
  trace((t) => {
    const x = t.input("x", [2, 6, 8], "float32")
    const bias = t.input("bias", [1, 2, 6, 6], "float32")
    const dy = t.input("dy", [2, 6, 8], "float32")
    const f = () => attention(x as never, x as never, x as never, 2, bias as never) as tf.Tensor
    const { grads } = tf.engine().gradients(f, learned ? [x, bias] : [x], dy)
    return { outputs: Object.fromEntries(grads.map((gradient, i) => [`${i}`, gradient])) }
  })

const counts = ({ nodes }: Program): ReadonlyMap<string, number> => {
  const found = new Map<string, number>()
  for (const { op } of nodes) found.set(op, (found.get(op) ?? 0) + 1)
  return found
}

describe("the gradient of attention's bias", () => {
  for (const [target, prepare] of Object.entries({ onnx: prepareForOnnx, tensorflow: prepareForTensorflow }))
    it(`costs one sum on ${target}, since the rest is the gradient of the scores`, () => {
      const [fixed, learned] = [counts(prepare(program(false))), counts(prepare(program(true)))]
      const more = [...learned].flatMap(([op, count]) => (count === fixed.get(op) ? [] : [[op, count - (fixed.get(op) ?? 0)]]))
      assert.deepEqual(Object.fromEntries(more), { Sum: 1, Reshape: 1 })
    })
})
