import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { stage, trace } from "../../../lib/compiler/trace.ts"
import { verify } from "../../../lib/compiler/verify.ts"
import { detach, gelu } from "../../../lib/tensor/own.ts"

describe("a trace", () => {
  it("records what tfjs code computes, and computes nothing", () => {
    const program = trace((t) => ({ outputs: { y: tf.mul(tf.exp(t.input("x", [2, 3], "float32")), 2) } }))
    assert.deepEqual(
      program.nodes.map(({ op }) => op),
      ["Exp", "Constant", "Multiply"]
    )
    assert.deepEqual(program.values[program.outputs[0]!.value], { shape: [2, 3], dtype: "float32" })
    verify(program, "trace")
  })
  it("keeps equal numbers of a constant as one number", () => {
    const program = trace(() => ({ outputs: { y: tf.tensor([4, 4, 4]), z: tf.tensor([1, 2]) } }))
    assert.deepEqual(
      program.nodes.map(({ attributes }) => attributes["literal"]),
      [{ splat: 4 }, { values: Float32Array.of(1, 2) }]
    )
  })
  it("gives the ops of a gradient the stage whose forward they belong to, and tells which carry it", () => {
    const program = trace((t) => {
      const x = t.input("x", [4], "float32")
      const loss = (): tf.Tensor => {
        const h = stage("first", () => tf.tanh(x))
        return stage("second", () => tf.sum(gelu(h as never) as tf.Tensor))
      }
      return { outputs: { gradient: tf.engine().gradients(loss, [x], undefined as never, true).grads[0]! } }
    })
    const told = program.nodes.map(({ op, stage, backward }) => `${op}@${stage}${backward ? "'" : ""}`)
    assert.includeMembers(told, ["Tanh@first", "Gelu@second", "Sum@second", "GeluGrad@second'", "Multiply@first'"])
    assert.include(told, "Square@first", "what a gradient computes from forward values alone carries nothing")
  })
  it("takes windows of buffers in, and updates out", () => {
    const program = trace((t) => {
      const w = t.input("w", [2], "float32", { buffer: "state", offset: 6 })
      return { outputs: {}, updates: [{ kind: "replace", buffer: "state", offset: 6, tensor: tf.neg(w) }] }
    })
    assert.deepEqual(program.inputs, [{ name: "w", value: 0, source: { buffer: "state", offset: 6 } }])
    assert.deepEqual(program.updates, [{ kind: "replace", buffer: "state", offset: 6, value: 1 }])
  })
  it("passes no gradient through what is detached", () => {
    const program = trace((t) => {
      const x = t.input("x", [4], "float32")
      const loss = (): tf.Tensor => tf.sum(tf.mul(x, detach(tf.exp(x))))
      return { outputs: { gradient: tf.engine().gradients(loss, [x], undefined as never, true).grads[0]! } }
    })
    assert.strictEqual(program.nodes.filter(({ op }) => op === "Exp").length, 1)
  })
  const refused: readonly [string, () => unknown, RegExp][] = [
    ["a random op", () => tf.randomNormal([3]), /tracing stage 'mask': a random op would bake a constant into the program/],
    ["reading a value", () => tf.neg(tf.ones([2])).dataSync(), /tracing stage 'mask': a value was read/],
    ["a trace inside a trace", () => trace(() => ({ outputs: {} })), /tracing stage 'mask': a trace was started inside a trace/]
  ]
  for (const [what, f, message] of refused)
    it(`refuses ${what}, and names the stage`, () => {
      assert.throws(
        () =>
          trace(() => {
            stage("mask", f)
            return { outputs: {} }
          }),
        message
      )
      assert.isAbove(Math.random() + 1, 0) // and gives back what it borrowed
    })
  it("refuses a tensor of another trace, and one that was computed", () => {
    let other: tf.Tensor | undefined
    trace((t) => {
      other = t.input("x", [2], "float32")
      return { outputs: {} }
    })
    tf.setBackend("cpu")
    for (const outside of [other!, tf.ones([2])])
      assert.throws(() => trace(() => ({ outputs: { y: tf.neg(outside) } })), /reads a tensor that was not made in this trace/)
  })
  it("leaves the backend as it was", () => {
    tf.setBackend("cpu")
    trace((t) => ({ outputs: { y: tf.neg(t.input("x", [1], "float32")) } }))
    assert.strictEqual(tf.getBackend(), "cpu")
  })
})
