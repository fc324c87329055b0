import { UnsupportedOp } from "../errors.ts"
import type { Program } from "../program.ts"
import { outputName, startGraph, valueName } from "./graph.ts"
import { encodeModel, type GraphProto } from "./messages.ts"
import { loweringOf } from "./table.ts"

/** A program as an ONNX model, and the names by which the model knows the program's values. */
export interface LoweredProgram {
  readonly model: Uint8Array
  /** Name in the model of each of the program's inputs, in their order. */
  readonly inputs: readonly string[]
  /** Name in the model of each value that leaves the program. */
  readonly outputs: ReadonlyMap<number, string>
}

/** A program as an ONNX graph, before it is written as bytes. Throws `UnsupportedOp` naming the op and its stage. */
export const lowerGraph = (program: Program): GraphProto => {
  let stage = ""
  const graph = startGraph(program, () => stage)
  for (const node of program.nodes) {
    stage = node.stage
    const lowering = loweringOf(node.op)
    if (typeof lowering !== "function") throw new UnsupportedOp({ op: node.op, stage, target: "onnx" })
    lowering(node, graph)
  }
  return graph.finish()
}

/** Writes a program as an ONNX model for ONNX Runtime. Throws `UnsupportedOp` naming the op and its stage. */
export const lower = (program: Program): LoweredProgram => ({
  model: encodeModel(lowerGraph(program)),
  inputs: program.inputs.map(({ value }) => valueName(value)),
  outputs: new Map([...program.outputs, ...program.updates].map(({ value }) => [value, outputName(program, value)]))
})
