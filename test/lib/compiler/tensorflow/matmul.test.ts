import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { lowerFunction } from "../../../../lib/compiler/tensorflow/function.ts"
import { elementTypes } from "../../../../lib/compiler/tensorflow/graph.ts"
import type { Compute } from "../../../../lib/compiler/tensorflow/lowering.ts"
import { trace } from "../../../../lib/compiler/trace.ts"

const product = trace((t) => ({
  outputs: { y: tf.matMul(t.input("a", [2, 3], "float32"), t.input("b", [3, 4], "float32")) },
  updates: []
}))

/** The ops of a product, with the types of what they make. */
const opsOf = (compute: Compute): readonly string[] =>
  lowerFunction("step", product, { compute, buffers: {}, partition: new Map() })
    .definition.node.filter(({ op }) => op.startsWith("BatchMatMul") || op === "Cast")
    .map(({ op, attr }) => {
      const made = (attr["Tout"] ?? attr["DstT"] ?? attr["T"]) as { readonly type: number }
      return `${op} ${Object.entries(elementTypes).find(([, type]) => type === made.type)![0]}`
    })

describe("a product of matrices in TensorFlow", () => {
  it("is of float32 numbers", () => assert.deepEqual(opsOf("float32"), ["BatchMatMulV2 float32"]))
  it("in bfloat16 rounds what it takes and gives float32", () =>
    assert.deepEqual(opsOf("bfloat16"), ["Cast bfloat16", "Cast bfloat16", "BatchMatMulV3 float32"]))
  it("with autocast rounds what it gives, too", () =>
    assert.deepEqual(opsOf("autocast"), ["Cast bfloat16", "Cast bfloat16", "BatchMatMulV2 bfloat16", "Cast float32"]))
})
