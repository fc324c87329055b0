import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type PlannedNode, planMemory } from "../../../../lib/compiler/onnx/memory-plan.ts"
import { seed } from "../../../seed.ts"

const overwritable = { Add: [0, 1], Exp: [0], Sub: [1] }
const ops = ["Add", "MatMul", "Reshape", "Exp", "Sub"]
const codes = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(4), fc.integer({ min: 1, max: 4 })), {
  minLength: 1,
  maxLength: 60
})
type Code = readonly (readonly [number, number, number, number])[]

const graphOf = (code: Code): { readonly nodes: readonly PlannedNode[]; readonly bytes: ReadonlyMap<string, number> } => {
  const bytes = new Map<string, number>([["v0", 64]])
  const nodes = code.map(([a, b, op, size], i) => {
    const input = [`v${a % (i + 1)}`, `v${b % (i + 1)}`]
    const opType = ops[op]!
    bytes.set(`v${i + 1}`, opType === "Reshape" ? bytes.get(input[0]!)! : 100 * size)
    return { opType, input: opType === "Reshape" || opType === "Exp" ? input.slice(0, 1) : input, output: [`v${i + 1}`] }
  })
  return { nodes, bytes }
}

/** Runs a graph in planned memory, marking bytes with whose they are; the first read that finds another's mark. */
const clash = ({ nodes, bytes }: ReturnType<typeof graphOf>): string | undefined => {
  const plan = planMemory(nodes, (name) => (name === "v0" ? undefined : bytes.get(name)), overwritable)
  const memory: string[] = []
  const owner = new Map<string, string>()
  const ownerOf = (name: string): string => owner.get(name) ?? name
  for (const node of nodes) {
    for (const input of node.input) {
      const name = ownerOf(input)
      const offset = plan.offsets.get(name)
      if (offset === undefined) continue
      for (let i = offset; i < offset + bytes.get(name)!; i += 4)
        if (memory[i] !== name) return `${node.output[0]} reads ${name}, but finds ${memory[i]}`
    }
    const output = node.output[0]!
    if (node.opType === "Reshape") owner.set(output, ownerOf(node.input[0]!))
    else {
      const offset = plan.offsets.get(output)!
      if (offset + bytes.get(output)! > plan.bytes) return `${output} ends past the memory`
      for (let i = offset; i < offset + bytes.get(output)!; i += 4) memory[i] = output
    }
  }
  return undefined
}

describe("planned memory", () => {
  it("holds every tensor until its last reader has run", () => {
    fc.assert(
      fc.property(codes, (code) => assert.isUndefined(clash(graphOf(code)))),
      { seed, numRuns: 500 }
    )
  })
  it("lets a result lie over an input only where the op may write over it", () => {
    const nodes = (opType: string): readonly PlannedNode[] => [
      { opType: "MatMul", input: ["x", "x"], output: ["a"] },
      { opType, input: ["a", "x"], output: ["b"] }
    ]
    const places = (opType: string): readonly number[] => [
      ...planMemory(nodes(opType), (name) => (name === "x" ? undefined : 64), overwritable).offsets.values()
    ]
    assert.deepEqual(places("Add"), [0, 0])
    assert.deepEqual(places("MatMul"), [0, 64])
  })
})
