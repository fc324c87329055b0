import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { memoryUse } from "../../../../lib/compiler/memory.ts"
import { prepareForOnnx } from "../../../../lib/compiler/onnx/passes.ts"
import { optimise } from "../../../../lib/compiler/optimise.ts"
import { recompute } from "../../../../lib/compiler/passes/recompute.ts"
import { schedule } from "../../../../lib/compiler/passes/schedule.ts"
import type { Program } from "../../../../lib/compiler/program.ts"
import { trace } from "../../../../lib/compiler/trace.ts"
import { fault } from "../../../../lib/compiler/verify.ts"
import { gelu, layerNorm, linear } from "../../../../lib/tensor/own.ts"
import { feedsOf } from "../../../laws/case.ts"
import { difference } from "../../../laws/close.ts"
import { expectedOf } from "../../../laws/engine.ts"

/** Several losses, each behind layers of its own over a shared weight: forward of all, then back through all, as tfjs does it. */
const losses = (count: number, depth: number): Program =>
  trace((t) => {
    const w = t.input("w", [16, 16], "float32")
    const [g, b] = [t.input("g", [16], "float32"), t.input("b", [16], "float32")]
    const inputs = Array.from({ length: count }, (_, i) => t.input(`x${i}`, [40, 16], "float32"))
    const loss = (x: tf.Tensor): tf.Tensor => {
      let y = x
      for (let i = 0; i < depth; i++) y = tf.add(y, gelu(linear(layerNorm(y as never, g, b, 1e-6) as never, w as never) as never))
      return tf.mean(tf.square(y))
    }
    const { value, grads } = tf.engine().gradients(() => tf.addN(inputs.map(loss)), [w, g, b], undefined as never, true)
    return { outputs: { value, ...Object.fromEntries(grads.map((gradient, i) => [`gradient ${i}`, gradient])) } }
  })

const taken = (program: Program): number => memoryUse(program).peakBytes

describe("schedule", () => {
  it("follows each loss back before the next one, so that memory does not grow with their number", () => {
    const [one, four] = [optimise(losses(1, 3)), optimise(losses(4, 3))]
    assert.isAbove(taken(four), 2.5 * taken(one))
    assert.isBelow(taken(schedule(four)), 1.5 * taken(schedule(one))) // the gradients of the shared weight wait to be added up
  })
  it("keeps every node, and the rules of programs", () => {
    const program = optimise(losses(3, 2))
    const ordered = schedule(program)
    assert.isUndefined(fault(ordered))
    assert.sameMembers([...ordered.nodes], [...program.nodes])
  })
  it("leaves a program without gradients as it is", () => {
    const program = optimise(trace((t) => ({ outputs: { y: tf.exp(tf.tanh(t.input("x", [8], "float32"))) } })))
    assert.deepEqual(schedule(program).nodes, program.nodes)
  })
})

describe("recomputation", () => {
  const program = losses(1, 8)
  it("takes a fraction of the memory", () => {
    assert.isBelow(taken(prepareForOnnx(program, { recompute: true })), 0.6 * taken(prepareForOnnx(program)))
  })
  it("changes no results", () => {
    const feeds = feedsOf(program)
    for (const changed of [recompute(program), prepareForOnnx(program, { recompute: true })])
      assert.isUndefined(difference(expectedOf(changed, feeds), expectedOf(program, feeds), 1e-4))
  })
})
