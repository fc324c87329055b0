import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { optimise } from "../../../../../lib/compiler/optimise.ts"
import { sizeOf } from "../../../../../lib/compiler/program.ts"
import { splitBuckets } from "../../../../../lib/compiler/tensorflow/passes/split-buckets.ts"
import { prepareForTensorflow } from "../../../../../lib/compiler/tensorflow/passes.ts"
import { trace } from "../../../../../lib/compiler/trace.ts"
import { verify } from "../../../../../lib/compiler/verify.ts"
import { interpret } from "../../../../../lib/engine/reference/interpret.ts"

const [first, second] = [6000, 12_000]
const buffers = { w: { dtype: "float32", length: first + second }, m: { dtype: "float32", length: first + second } } as const

/** A bucket of two parameters, moved along their joined gradients. */
const bucketOf = (first: number, second: number) =>
  trace((t) => {
    const window = (buffer: string) => t.input(buffer, [first + second], "float32", { buffer, offset: 0 })
    const gradient = tf.concat([t.input("a", [first], "float32"), tf.reshape(t.input("b", [second / 3, 3], "float32"), [-1])])
    const norm = tf.sqrt(tf.sum(tf.square(gradient)))
    const moment = tf.add(tf.mul(window("m"), 0.9), tf.mul(gradient, norm))
    return {
      outputs: { norm },
      updates: [
        { kind: "replace", buffer: "m", offset: 0, tensor: moment },
        { kind: "replace", buffer: "w", offset: 0, tensor: tf.sub(window("w"), tf.mul(moment, t.input("rate", [], "float32"))) }
      ]
    }
  })
const bucket = bucketOf(first, second)
const numbers = (name: string, size: number, offset: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(name.charCodeAt(0) + offset + i))

/** What a program gives: outputs, and the state that it writes. */
const run = (program: typeof bucket) => {
  const made = interpret(program, ({ name, source }, size) =>
    "feed" in source ? numbers(name, size, 0) : numbers(source.buffer, size, source.offset)
  )
  const state = { w: new Float32Array(first + second), m: new Float32Array(first + second) }
  for (const update of program.updates)
    if (update.kind === "replace") state[update.buffer as "w" | "m"].set(made.get(update.value)!, update.offset)
  return { norm: made.get(program.outputs[0]!.value)![0]!, ...state }
}

describe("buckets of parameters", () => {
  const prepared = verify(optimise(splitBuckets(optimise(bucket))), "splitBuckets", buffers)
  it("are split: nothing is put together or cut any more", () => {
    assert.notInclude(
      prepared.nodes.map(({ op }) => op),
      "Concat"
    )
    assert.notInclude(
      prepared.nodes.map(({ op }) => op),
      "Slice"
    )
    assert.deepEqual(
      prepared.updates.map(
        (update) => update.kind === "replace" && [update.buffer, update.offset, sizeOf(prepared.values[update.value]!.shape)]
      ),
      [
        ["m", 0, first],
        ["m", first, second],
        ["w", 0, first],
        ["w", first, second]
      ]
    )
  })
  it("come to the same numbers", () => {
    const [expected, made] = [run(bucket), run(prepared)]
    assert.closeTo(made.norm / expected.norm, 1, 1e-6)
    for (const buffer of ["w", "m"] as const)
      for (const [i, x] of expected[buffer].entries()) assert.closeTo(made[buffer][i]!, x, 1e-6 * Math.max(1, Math.abs(x)))
  })
  it("are split by the passes for TensorFlow", () => {
    assert.lengthOf(prepareForTensorflow(bucket, { buffers }).updates, 4)
  })
  it("stay as they are where the parameters are small", () => {
    const small = bucketOf(600, 900)
    const { nodes, updates } = optimise(splitBuckets(optimise(small)))
    assert.lengthOf(updates, 2)
    assert.lengthOf(
      nodes.filter(({ op }) => op === "Concat"),
      1
    )
  })
})
