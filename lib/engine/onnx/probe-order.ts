import { inOrder } from "../../compiler/onnx/execution-order.ts"
import { valueInfo } from "../../compiler/onnx/graph.ts"
import { planMemory } from "../../compiler/onnx/memory-plan.ts"
import type { NodeProto } from "../../compiler/onnx/messages.ts"
import type { LoadGraph, ProbeTensors } from "./probe-session.ts"

const count = 64
const width = 16

/**
 * A graph of additions and subtractions, each of two of the tensors before it, one of them among the last five: node i makes
 * tensor i + 1.
 */
const nodes: readonly NodeProto[] = Array.from({ length: count }, (_, i) => ({
  name: `n${i}`,
  opType: i % 3 === 0 ? "Sub" : "Add",
  input: [`v${Math.max(0, i - ((7 * i) % 5))}`, `v${(i * i + 3) % (i + 1)}`],
  output: [`v${i + 1}`],
  attribute: []
}))

/** Tensors that nothing reads: the outputs of the graph. */
const ends = nodes.flatMap(({ output }) => (nodes.some(({ input }) => input.includes(output[0]!)) ? [] : output))

/**
 * Returns true where a model's nodes run in the requested order: the graph is computed in memory that its tensors share, which
 * gives the same bits as separate memory in that order only.
 */
export const probeOrder = async (load: LoadGraph): Promise<boolean> => {
  const shape = [width]
  const info = (name: string) => valueInfo(name, { shape, dtype: "float32" })
  const names = nodes.map(({ output }) => output[0]!)
  const io = { initializer: [], input: [info("v0")], output: names.map(info) }
  const session = await load({ name: "order", node: inOrder(nodes), ...io })
  const run = async (numbersOf: (name: string) => Float32Array): Promise<readonly Float32Array[]> => {
    const x = { numbers: Float32Array.from({ length: width }, (_, i) => 1 + i / width), shape }
    const results: ProbeTensors = new Map(names.map((name) => [name, { numbers: numbersOf(name), shape }]))
    await session.run(new Map([["v0", x]]), results)
    return ends.map((name) => results.get(name)!.numbers)
  }
  const plan = planMemory(nodes, (name) => (name === "v0" || ends.includes(name) ? undefined : 4 * width), {})
  const memory = new Float32Array(plan.bytes / 4)
  const planned = (name: string): Float32Array => {
    const offset = plan.offsets.get(name)
    return offset === undefined ? new Float32Array(width) : memory.subarray(offset / 4, offset / 4 + width)
  }
  const [apart, shared] = [await run(() => new Float32Array(width)), await run(planned)]
  await session.release()
  return apart.every((numbers, i) => numbers.every((x, k) => x === shared[i]![k]))
}
