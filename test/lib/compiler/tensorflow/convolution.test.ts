import { assert, describe, it } from "@effect/vitest"
import { lowerFunction } from "../../../../lib/compiler/tensorflow/function.ts"
import { elementTypes } from "../../../../lib/compiler/tensorflow/graph.ts"
import type { Compute } from "../../../../lib/compiler/tensorflow/lowering.ts"
import { trace } from "../../../../lib/compiler/trace.ts"
import { conv2d } from "../../../../lib/tensor/convolution.ts"

const program = trace((t) => {
  const [x, filter] = [t.input("x", [2, 6, 6, 3], "float32"), t.input("filter", [3, 3, 3, 4], "float32")]
  return { outputs: { y: conv2d(x as never, filter as never, { stride: 2, padding: "same" }) }, updates: [] }
})

const nodesOf = (compute: Compute) =>
  lowerFunction("step", program, { compute, buffers: {}, partition: new Map() }).definition.node.filter(({ op }) =>
    ["Conv2D", "Cast"].includes(op)
  )

/** The ops of a convolution, with the types of what they make. */
const opsOf = (compute: Compute): readonly string[] =>
  nodesOf(compute).map(({ op, attr }) => {
    const made = (attr["DstT"] ?? attr["T"]) as { readonly type: number }
    return `${op} ${Object.entries(elementTypes).find(([, type]) => type === made.type)![0]}`
  })

describe("a convolution in TensorFlow", () => {
  it("is told its stride and padding in full", () => {
    const { strides, explicit_paddings } = nodesOf("float32")[0]!.attr
    assert.deepEqual(strides, { list: { i: [1, 2, 2, 1] } })
    assert.deepEqual(explicit_paddings, { list: { i: [0, 0, 0, 1, 0, 1, 0, 0] } })
  })
  it("is of float32 numbers, in bfloat16 too: there is none that takes bfloat16 and gives float32", () => {
    assert.deepEqual(opsOf("float32"), ["Conv2D float32"])
    assert.deepEqual(opsOf("bfloat16"), ["Conv2D float32"])
  })
  it("with autocast rounds what it takes and gives", () =>
    assert.deepEqual(opsOf("autocast"), ["Cast bfloat16", "Cast bfloat16", "Conv2D bfloat16", "Cast float32"]))
})
