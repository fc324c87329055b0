import { UnsupportedOp } from "../errors.ts"
import { bytesOf } from "../memory.ts"
import type { Program, ValueType } from "../program.ts"
import { end, endOutput } from "./end.ts"
import { inOrder } from "./execution-order.ts"
import { inputName, outputName, startGraph, valueInfo, valueName } from "./graph.ts"
import type { LoweringTable } from "./lowering.ts"
import { planMemory } from "./memory-plan.ts"
import { encodeModel, type GraphProto } from "./messages.ts"
import type { KernelFacts } from "./overwriting.ts"
import { loweringOf } from "./table.ts"

/**
 * Lowers a program to an ONNX graph, its nodes in the program's order; the lowerings in `instead` take precedence over the
 * table's. Throws `UnsupportedOp` with the op and its stage.
 */
export const lowerGraph = (program: Program, instead: LoweringTable = {}): GraphProto => {
  let stage = ""
  const graph = startGraph(program, () => stage)
  for (const node of program.nodes) {
    stage = node.stage
    const lowering = instead[node.op] ?? loweringOf(node.op)
    if (typeof lowering !== "function") throw new UnsupportedOp({ op: node.op, stage, target: "onnx" })
    lowering(node, graph)
  }
  return graph.finish()
}

/** A tensor inside a model, and its place in the memory that the engine allocates for all of them. */
export interface PlacedTensor {
  readonly modelName: string
  readonly type: ValueType
  /** Offset in elements of 4 bytes. */
  readonly offset: number
}

/** A program as an ONNX model for our engine, and the names of the program's values in the model. */
export interface LoweredProgram {
  readonly model: Uint8Array
  /** Names in the model of the program's inputs, in their order. */
  readonly inputs: readonly string[]
  /** Names in the model of the values that leave the program. */
  readonly outputs: ReadonlyMap<number, string>
  /** Large intermediate tensors, which are also outputs of the model, and their total length in elements of 4 bytes. */
  readonly scratch: { readonly length: number; readonly tensors: readonly PlacedTensor[] }
}

/** Smaller tensors are left to ONNX Runtime's allocator: passing the place of each one has a cost. */
const placedBytes = 1 << 16

/** Plans the places of the large tensors that stay inside a graph. */
const placeResults = (program: Program, graph: GraphProto, facts: KernelFacts): LoweredProgram["scratch"] => {
  if (!facts.inOrder) return { length: 0, tensors: [] }
  const leaving = new Set(graph.output.map(({ name }) => name))
  const types = new Map<string, ValueType>()
  for (const node of program.nodes)
    for (const output of node.outputs) {
      const type = program.values[output]!
      const name = valueName(output)
      if (type.dtype === "float32" && bytesOf(type) >= placedBytes && !leaving.has(name)) types.set(name, type)
    }
  const size = (name: string): number | undefined => {
    const type = types.get(name)
    return type && bytesOf(type)
  }
  const plan = planMemory(graph.node, size, facts.overwritable)
  const tensors = [...plan.offsets].map(([modelName, offset]) => ({ modelName, type: types.get(modelName)!, offset: offset / 4 }))
  return { length: plan.bytes / 4, tensors }
}

/**
 * Lowers a program to an ONNX model that runs in the program's order, in memory planned from what is known of the kernels. Throws
 * `UnsupportedOp` with the op and its stage.
 */
export const lower = (program: Program, facts: KernelFacts): LoweredProgram => {
  const graph = lowerGraph(program)
  const scratch = placeResults(program, graph, facts)
  const placed = scratch.tensors.map(({ modelName, type }) => valueInfo(modelName, type))
  return {
    model: encodeModel({ ...graph, node: [end, ...inOrder(graph.node)], output: [endOutput, ...graph.output, ...placed] }),
    inputs: program.inputs.map(inputName),
    outputs: new Map([...program.outputs, ...program.updates].map(({ value }) => [value, outputName(program, value)])),
    scratch
  }
}
