import { assert, describe, it } from "@effect/vitest"
import { memoryUse } from "../../../lib/compiler/memory.ts"
import { fed, float, node, program } from "./programs.ts"

const chain = program({
  values: [float(10), float(10), float(10), float(2, 5), float()],
  inputs: [fed("x", 0)],
  nodes: [
    node("Exp", [0], [1]),
    node("Add", [1, 0], [2]),
    node("Reshape", [2], [3], { shape: [2, 5] }),
    node("Sum", [3], [4], { axis: [0, 1], keepDims: false })
  ],
  outputs: [{ name: "y", value: 4 }]
})

describe("memory use", () => {
  it("writes results over what nothing reads afterwards, and counts no inputs and no views", () => {
    const { peakBytes, timeline } = memoryUse(chain)
    assert.deepEqual([...timeline], [40, 40, 40, 44])
    assert.strictEqual(peakBytes, 44)
  })
  it("keeps what is read again, and what leaves the program", () => {
    const late = {
      ...chain,
      nodes: [...chain.nodes, node("Neg", [1], [5])],
      values: [...chain.values, float(10)],
      outputs: [...chain.outputs, { name: "z", value: 5 }]
    }
    assert.deepEqual([...memoryUse(late).timeline], [40, 80, 80, 84, 44])
  })
  it("does not count values that live elsewhere", () => {
    assert.strictEqual(memoryUse(chain, new Set([1])).timeline[0], 0)
  })
  it("is zero for no program", () => assert.strictEqual(memoryUse(program({})).peakBytes, 0))
})
