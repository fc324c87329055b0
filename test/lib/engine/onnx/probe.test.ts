import { assert, describe, it } from "@effect/vitest"
import { executionOrder } from "../../../../lib/compiler/onnx/execution-order.ts"
import type { NodeProto } from "../../../../lib/compiler/onnx/messages.ts"
import { overwriteCandidates } from "../../../../lib/compiler/onnx/overwriting.ts"
import { loadGraph } from "../../../../lib/engine/onnx/load-graph.ts"
import { probeKernels } from "../../../../lib/engine/onnx/probe.ts"
import { loadForTest } from "./test-kernels.ts"

/** The order in which ONNX Runtime runs nodes. */
const asPredicted = (nodes: readonly NodeProto[]): readonly NodeProto[] => executionOrder(nodes).map((i) => nodes[i]!)

describe("a probe of kernels", () => {
  it("allows inputs that a kernel reads before it writes there", async () => {
    const facts = await probeKernels(loadForTest(asPredicted), { Add: [0, 1], Sub: [0, 1], Exp: [0] })
    assert.deepEqual(facts, { overwritable: { Add: [0, 1], Sub: [0, 1], Exp: [0] }, inOrder: true })
  })
  it("refuses a kernel that overwrites its input and then reads it again", async () => {
    const facts = await probeKernels(loadForTest(asPredicted), { Gelu: [0], Exp: [0] })
    assert.deepEqual(facts.overwritable, { Gelu: [], Exp: [0] })
  })
  it("refuses a kernel that is wrong from some size on only", async () => {
    const facts = await probeKernels(loadForTest(asPredicted), { Sqrt: [0] })
    assert.deepEqual(facts.overwritable, { Sqrt: [] })
  })
  it("refuses one input of two where the kernel reads the other one's memory late", async () => {
    const kernels = {
      Add: (y: Float32Array, a: { readonly numbers: Float32Array }, b: { readonly numbers: Float32Array }) => {
        const rest = b.numbers.length
        for (let i = 0; i < y.length; i++) y[i] = a.numbers[i % a.numbers.length]!
        for (let i = 0; i < y.length; i++) y[i] = y[i]! + b.numbers[i % rest]!
      }
    }
    const facts = await probeKernels(loadForTest(asPredicted, kernels as never), { Add: [0, 1] })
    assert.deepEqual(facts.overwritable, { Add: [0] })
  })
  it("finds out that nodes run in another order than the one asked for", async () => {
    const inputsFirst =
      (choose: (ready: readonly number[]) => number) =>
      (nodes: readonly NodeProto[]): readonly NodeProto[] => {
        const left = nodes.filter(({ opType }) => opType === "Add" || opType === "Sub")
        const made = new Set(["v0"])
        const order: NodeProto[] = []
        while (left.length > 0) {
          const ready = left.flatMap(({ input }, i) => (input.every((name) => made.has(name)) ? [i] : []))
          const [node] = left.splice(choose(ready), 1)
          order.push(node!)
          made.add(node!.output[0]!)
        }
        return order
      }
    const found = async (order: (nodes: readonly NodeProto[]) => readonly NodeProto[]) =>
      (await probeKernels(loadForTest(order), {})).inOrder
    assert.isTrue(await found(asPredicted))
    // the model lists its nodes backwards: the last one that is ready is the first one wanted
    assert.isTrue(await found(inputsFirst((ready) => ready.at(-1)!)))
    assert.isFalse(await found(inputsFirst((ready) => ready[0]!)))
    assert.isFalse(await found(inputsFirst((ready) => ready[ready.length >> 1]!)))
  })
})

describe("ONNX Runtime's kernels on this machine", () => {
  for (const threads of [1, 2]) {
    it(`run in the order asked for, and write over the inputs that planning counts on, by ${threads} threads`, async () => {
      // A failure here is slower, not wrong: the engine then plans without it.
      assert.deepEqual(await probeKernels(loadGraph(threads)), { overwritable: overwriteCandidates, inOrder: true })
    })
  }
})
