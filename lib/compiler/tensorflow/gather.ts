import { attr, type Graph } from "./graph.ts"
import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

const gather: Lowering = (node, graph) => [
  graph.emit("GatherV2", [...inputNames(node, graph), graph.scalar(node.attributes["axis"] as number, "int32")], {
    Tparams: attr.type(graph.type(node.outputs[0]!).dtype),
    Tindices: attr.type("int32"),
    Taxis: attr.type("int32"),
    batch_dims: attr.int(0)
  })
]

const sums = (x: string, ids: string, value: number, graph: Graph): string => {
  const { shape, dtype } = graph.type(value)
  return graph.emit("UnsortedSegmentSum", [x, ids, graph.scalar(shape[0]!, "int32")], {
    T: attr.type(dtype),
    Tindices: attr.type("int32"),
    Tnumsegments: attr.type("int32")
  })
}

const segmentSum: Lowering = (node, graph) => {
  const [x, ids] = inputNames(node, graph) as [string, string]
  return [sums(x, ids, node.outputs[0]!, graph)]
}

const scatterAdd: Lowering = (node, graph) => {
  const [data, ids, rows] = inputNames(node, graph) as [string, string, string]
  return [graph.emit("AddV2", [data, sums(rows, ids, node.outputs[0]!, graph)], { T: attr.type("float32") })]
}

/** Lowerings of gathering rows and of scattering them by index. */
export const gathering = { GatherV2: gather, UnsortedSegmentSum: segmentSum, ScatterAdd: scatterAdd } satisfies LoweringTable
