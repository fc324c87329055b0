import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { InferenceSession, Tensor } from "onnxruntime-node"
import { attributeProto, valueInfo } from "../../../../lib/compiler/onnx/graph.ts"
import { overwritable, type PlannedNode, planMemory } from "../../../../lib/compiler/onnx/memory-plan.ts"
import { encodeModel } from "../../../../lib/compiler/onnx/messages.ts"
import { sizeOf } from "../../../../lib/compiler/program.ts"
import { seed } from "../../../seed.ts"

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
  const plan = planMemory(nodes, (name) => (name === "v0" ? undefined : bytes.get(name)))
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
      ...planMemory(nodes(opType), (name) => (name === "x" ? undefined : 64)).offsets.values()
    ]
    assert.deepEqual(places("Add"), [0, 0])
    assert.deepEqual(places("MatMul"), [0, 64])
  })
})

const shape = [300, 640]
/** Inputs of each op that may be overwritten, the overwritten one of the result's shape. */
const shapesOf = (op: string, over: number): readonly (readonly number[])[][] => {
  if (op === "Gemm") return [[[300, 200], [200, 640], shape]]
  if (op === "Sum") return [[shape, shape, shape]]
  if (overwritable[op]!.length === 1) return [[shape]]
  const others = [shape, [640], [300, 1], []]
  return others.map((other) => (over === 0 ? [shape, other] : [other, shape]))
}

describe("ONNX Runtime's kernels may write over their input", () => {
  for (const [op, places] of Object.entries(overwritable))
    it(`${op} ${places}`, async () => {
      for (const over of places)
        for (const shapes of shapesOf(op, over)) {
          const type = (of: readonly number[]) => ({ shape: of, dtype: "float32" }) as const
          const model = encodeModel({
            name: "g",
            node: [
              {
                name: "n",
                opType: op,
                input: shapes.map((_, i) => `x${i}`),
                output: ["y"],
                attribute: op.endsWith("oftmax") ? [attributeProto("axis", -1)] : []
              }
            ],
            initializer: [],
            input: shapes.map((of, i) => valueInfo(`x${i}`, type(of))),
            output: [valueInfo("y", type(shape))]
          })
          const session = await InferenceSession.create(model, { graphOptimizationLevel: "disabled", intraOpNumThreads: 2 })
          const feeds = () =>
            Object.fromEntries(
              shapes.map((of, k) => [
                `x${k}`,
                new Tensor(
                  "float32",
                  Float32Array.from({ length: sizeOf(of) }, (_, i) => 0.1 + Math.abs(Math.sin(1.7 * i + k))),
                  [...of]
                )
              ])
            )
          const expected = (await session.run(feeds()))["y"]!.data as Float32Array
          const given = feeds()
          const own = given[`x${over}`]!.data as Float32Array
          await session.run(given, { y: new Tensor("float32", own, shape) })
          await session.release()
          assert.strictEqual(
            expected.findIndex((x, i) => x !== own[i]),
            -1
          )
        }
    })
})
