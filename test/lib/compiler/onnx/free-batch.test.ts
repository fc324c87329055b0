import { assert, beforeAll, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { InferenceSession, Tensor } from "onnxruntime-node"
import { BatchBound } from "../../../../lib/compiler/errors.ts"
import { freeBatch } from "../../../../lib/compiler/onnx/free-batch.ts"
import { lowerGraph } from "../../../../lib/compiler/onnx/lower.ts"
import { standardProduct } from "../../../../lib/compiler/onnx/matmul.ts"
import { encodeModel } from "../../../../lib/compiler/onnx/messages.ts"
import { prepareForOnnx } from "../../../../lib/compiler/onnx/passes.ts"
import { trace } from "../../../../lib/compiler/trace.ts"
import { causalBias } from "../../../../lib/nn/attention-bias.ts"
import { conv2d, conv2dTranspose } from "../../../../lib/tensor/convolution.ts"
import { attention } from "../../../../lib/tensor/own.ts"

/** Something made of x, float32[batch, 3, 4]. */
type Make = (x: tf.Tensor3D, batch: number) => tf.Tensor

const loweredAt = (make: Make, batch: number) => {
  const program = trace((t) => ({ outputs: { y: make(t.input("x", [batch, 3, 4], "float32") as tf.Tensor3D, batch) } }))
  return { batch, graph: lowerGraph(prepareForOnnx(program), { BatchMatMul: standardProduct }) }
}
const free = (make: Make) => freeBatch(loweredAt(make, 61), loweredAt(make, 67))

const works: { readonly [what: string]: Make } = {
  "a shape that joins the batch with another axis": (x) => tf.exp(tf.reshape(x, [-1, 4])),
  "a shape with the batch inside": (x, batch) => tf.transpose(tf.reshape(x, [3, batch, 4]), [1, 0, 2]),
  "a product over stacks of matrices, transposed and scaled": (x) => tf.mul(tf.matMul(x, x, false, true), 0.5),
  "a row for each sample, from a parameter": (x, batch) =>
    tf.concat([tf.tile(tf.reshape(tf.slice(tf.exp(x), [0, 0, 0], [1, 1, 4]), [1, 1, 4]), [batch, 1, 1]), x], 1),
  "a constant for each sample": (x, batch) => tf.concat([tf.fill([batch, 1, 4], 2.5), x], 1),
  "numbers that repeat for each sample": (x, batch) =>
    tf.concat([tf.tensor3d(Array.from({ length: batch }, () => [[1, 2, 3, 4]])), x], 1),
  "attention with a causal bias": (x) => attention(x as never, x as never, x as never, 2, causalBias(x as never) as never),
  "a convolution and a transposed one": (x) => {
    const filter = tf.tensor4d(
      Float32Array.from({ length: 36 }, (_, i) => Math.cos(i)),
      [3, 3, 1, 4]
    ) as never
    const options = { stride: 2, padding: "same" } as const
    return conv2dTranspose(conv2d(tf.expandDims(x, 3) as never, filter, options), filter, [3, 4], options)
  },
  "a large constant": (x, batch) => tf.concat([tf.zeros([batch, 90, 4]), x], 1)
}

const bound: { readonly [what: string]: Make } = {
  "a mean over the batch, as a sum and a number": (x, batch) => tf.mul(tf.sum(x, 0), 1 / batch),
  "numbers of the samples": (x, batch) => tf.add(x, tf.reshape(tf.range(0, batch), [batch, 1, 1]))
}

beforeAll(async () => {
  await tf.setBackend("cpu")
})

describe("a graph for any batch", () => {
  for (const [what, make] of Object.entries(works))
    it(`gives what a graph for each batch gives: ${what}`, async () => {
      const graph = free(make)
      const session = await InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 })
      const out = graph.output[0]!
      assert.include(JSON.stringify(graph.input), '"dimParam":"batch"')
      for (const batch of [1, 2, 5, 64]) {
        const x = Float32Array.from({ length: batch * 12 }, (_, i) => Math.sin(i))
        const expected = await tf.tidy(() => make(tf.tensor3d(x, [batch, 3, 4]), batch)).data()
        const found = (await session.run({ [graph.input[0]!.name]: new Tensor("float32", x, [batch, 3, 4]) }))[out.name]!
        assert.strictEqual(found.data.length, expected.length)
        const off = (expected as Float32Array).reduce(
          (most, value, i) => Math.max(most, Math.abs(value - Number(found.data[i]))),
          0
        )
        assert.isBelow(off, 1e-5, `${what}, ${batch}`)
      }
      await session.release()
    })

  for (const [what, make] of Object.entries(bound))
    it(`is refused where there is none: ${what}`, () => {
      assert.throws(() => free(make), BatchBound, "depends on the batch in a way that is not known")
    })
})
