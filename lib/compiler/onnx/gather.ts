import { sizeOf } from "../program.ts"
import { elementTypes, type Graph, tensorProto } from "./graph.ts"
import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

const gather: Lowering = (node, graph) =>
  graph.make(node.outputs, "Gather", inputNames(node, graph), { axis: node.attributes["axis"] as number })

/**
 * Adds rows into a tensor by index; ONNX Runtime's ScatterND loses rows of equal indices, since several threads add them at once.
 */
const scatter = (data: string, ids: string, rows: string, value: number, count: number, graph: Graph): void => {
  const { shape } = graph.type(value)
  const width = sizeOf(shape.slice(1))
  const column = graph.emit("Reshape", [graph.emit("Cast", [ids], { to: elementTypes.int64 }), graph.ints([count, 1])])
  const spread = graph.emit("Expand", [column, graph.ints([count, width])])
  const inputs = [data, spread, graph.emit("Reshape", [rows, graph.ints([count, width])])]
  const attributes = { axis: 0, reduction: "add" }
  if (shape.length === 2) graph.make([value], "ScatterElements", inputs, attributes)
  else graph.make([value], "Reshape", [graph.emit("ScatterElements", inputs, attributes), graph.ints(shape)])
}

const segmentSum: Lowering = (node, graph) => {
  const [x, ids] = inputNames(node, graph) as [string, string]
  const { shape, dtype } = graph.type(node.outputs[0]!)
  const zeros = graph.emit("ConstantOfShape", [graph.ints([shape[0]!, sizeOf(shape.slice(1))])], {
    value: { tensor: tensorProto([0], [1], dtype) }
  })
  scatter(zeros, ids, x, node.outputs[0]!, sizeOf(graph.type(node.inputs[1]!).shape), graph)
}

const scatterAdd: Lowering = (node, graph) => {
  const [data, ids, rows] = inputNames(node, graph) as [string, string, string]
  const { shape } = graph.type(node.outputs[0]!)
  const flat = shape.length === 2 ? data : graph.emit("Reshape", [data, graph.ints([shape[0]!, sizeOf(shape.slice(1))])])
  scatter(flat, ids, rows, node.outputs[0]!, sizeOf(graph.type(node.inputs[1]!).shape), graph)
}

/** Lowerings of gathering rows and of scattering them by index. */
export const gathering = { GatherV2: gather, UnsortedSegmentSum: segmentSum, ScatterAdd: scatterAdd } satisfies LoweringTable
