import { sizeOf } from "../program.ts"
import { elementTypes, type Graph, tensorProto } from "./graph.ts"
import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

const gather: Lowering = (node, graph) =>
  graph.make(node.outputs, "Gather", inputNames(node, graph), { axis: node.attributes["axis"] as number })

/**
 * Rows of x added up by segment. ONNX Runtime's ScatterND adds rows of one segment from several threads at once, which loses some;
 * so each row is first made the sum of all rows of its segment (a product with the matrix of equal ids), and then the rows are
 * written, equal ones over each other.
 */
const segmentSum: Lowering = (node, graph) => {
  const [x, ids] = inputNames(node, graph) as [string, string]
  const { shape, dtype } = graph.type(node.outputs[0]!)
  const rows = sizeOf(graph.type(node.inputs[1]!).shape)
  const width = sizeOf(shape.slice(1))
  const column = graph.emit("Reshape", [ids, graph.ints([rows, 1])])
  const equal = graph.emit("Cast", [graph.emit("Equal", [column, graph.emit("Reshape", [ids, graph.ints([1, rows])])])], {
    to: elementTypes[dtype]
  })
  const sums = graph.emit("MatMul", [equal, graph.emit("Reshape", [x, graph.ints([rows, width])])])
  const scattered = graph.emit("ScatterND", [
    zeros(graph, [shape[0]!, width], dtype),
    graph.emit("Cast", [column], { to: elementTypes.int64 }),
    sums
  ])
  graph.make(node.outputs, "Reshape", [scattered, graph.ints(shape)])
}

const zeros = (graph: Graph, shape: readonly number[], dtype: "float32" | "int32" | "bool"): string =>
  graph.emit("ConstantOfShape", [graph.ints(shape)], { value: { tensor: tensorProto([0], [1], dtype) } })

/** Rows picked and put back by number. */
export const gathering = { GatherV2: gather, UnsortedSegmentSum: segmentSum } satisfies LoweringTable
