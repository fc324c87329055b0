import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { optimise } from "../../../../lib/compiler/optimise.ts"
import { type Tracer, trace } from "../../../../lib/compiler/trace.ts"

type Body = (x: tf.Tensor, t: Tracer) => tf.Tensor
const ops = (body: Body): readonly string[] =>
  optimise(trace((t) => ({ outputs: { y: body(t.input("x", [2, 3], "float32"), t) } })))
    .nodes.filter(({ op }) => op !== "Constant")
    .map(({ op }) => op)

const cases: readonly [string, Body, readonly string[]][] = [
  ["reshapes of reshapes are one", (x) => tf.exp(tf.reshape(tf.expandDims(tf.reshape(x, [6]), 0), [3, 2])), ["Reshape", "Exp"]],
  ["a reshape to the shape it had is none", (x) => tf.exp(tf.reshape(tf.reshape(x, [6]), [2, 3])), ["Exp"]],
  ["transposes of transposes are one or none", (x) => tf.exp(tf.transpose(tf.transpose(x))), ["Exp"]],
  [
    "a transpose that moves an axis of size 1 is a reshape",
    (x) => tf.exp(tf.transpose(tf.expandDims(x, 1), [1, 0, 2])),
    ["Reshape", "Exp"]
  ],
  ["casts to the same type are none", (x) => tf.exp(tf.cast(x, "float32")), ["Exp"]],
  ["slices of slices are one", (x) => tf.exp(tf.slice(tf.slice(x, [0, 1], [2, 2]), [1, 0], [1, 2])), ["Slice", "Exp"]],
  ["a slice of everything is none", (x) => tf.exp(tf.slice(x, [0, 0], [2, 3])), ["Exp"]],
  ["multiplying by 1 and adding 0 are nothing", (x) => tf.exp(tf.add(tf.mul(x, tf.ones([2, 3])), 0)), ["Exp"]],
  ["two minus signs are none", (x) => tf.exp(tf.neg(tf.neg(x))), ["Exp"]],
  ["factors of factors are one", (x) => tf.mul(tf.mul(tf.mul(x, 2), 3), tf.scalar(4)), ["Multiply"]],
  ["adding the negative is subtracting", (x) => tf.add(tf.exp(x), tf.neg(x)), ["Exp", "Sub"]],
  ["times 0 is 0", (x) => tf.add(tf.exp(x), tf.mul(x, 0)), ["Exp"]],
  [
    "a repeated value is read as it is where its reader broadcasts",
    (x, t) => tf.add(x, tf.tile(t.input("b", [1, 3], "float32"), [2, 1])),
    ["Add"]
  ],
  ["what depends on constants alone is one", (x) => tf.add(x, tf.exp(tf.mul(tf.range(0, 3), 2))), ["Add"]],
  ["sums of sums are one", (x) => tf.add(tf.add(tf.add(tf.exp(x), x), tf.tanh(x)), tf.abs(x)), ["Exp", "Tanh", "Abs", "AddN"]],
  [
    "equal computations are one, whatever the order of terms",
    (x, t) => {
      const b = t.input("b", [3], "float32")
      return tf.mul(tf.exp(tf.add(x, b)), tf.exp(tf.add(x, b)))
    },
    ["Add", "Exp", "Square"]
  ],
  ["products read transposed matrices as they lie", (x) => tf.matMul(tf.transpose(x), tf.exp(x)), ["Exp", "BatchMatMul"]],
  ["a power of 2 is a square", (x) => tf.pow(x, 2), ["Square"]],
  [
    "what nothing needs is dropped",
    (x) => {
      tf.exp(x)
      return tf.tanh(x)
    },
    ["Tanh"]
  ]
]

describe("passes", () => {
  for (const [problem, body, expected] of cases) it(problem, () => assert.deepEqual(ops(body), expected))
  it("drop inputs that nothing reads, and keep the others' order", () => {
    const program = trace((t) => {
      const [, b, c] = ["a", "b", "c"].map((name) => t.input(name, [2], "float32")) as [tf.Tensor, tf.Tensor, tf.Tensor]
      return { outputs: { y: tf.sub(c, b) } }
    })
    assert.deepEqual(
      optimise(program).inputs.map(({ name }) => name),
      ["b", "c"]
    )
  })
  it("keep large equal numbers as one number", () => {
    const program = optimise(
      trace((t) => ({ outputs: { y: tf.concat([t.input("x", [1, 1000], "float32"), tf.mul(tf.ones([999, 1000]), 3)]) } }))
    )
    assert.deepEqual(program.nodes[0]!.attributes["literal"], { splat: 3 })
  })
})
