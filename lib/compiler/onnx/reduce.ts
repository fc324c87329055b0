import { elementTypes } from "./graph.ts"
import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

/** Reduces over the node's axes; bools are counted as int32, and Mean is of floats. */
const reduction =
  (op: string): Lowering =>
  (node, graph) => {
    const [x] = node.inputs as [number]
    const from = graph.type(x).dtype
    const to = op === "ReduceMean" ? "float32" : from === "bool" ? "int32" : from
    const converted = from === to ? graph.name(x) : graph.emit("Cast", [graph.name(x)], { to: elementTypes[to] })
    const axes = node.attributes["axis"] as readonly number[]
    if (axes.length === 0) return graph.alias(node.outputs[0]!, converted)
    const inputs = [converted, graph.ints(axes)]
    const attributes = { keepdims: node.attributes["keepDims"] ? 1 : 0 }
    const made = graph.type(node.outputs[0]!).dtype
    if (made === to) return graph.make(node.outputs, op, inputs, attributes)
    graph.make(node.outputs, "Cast", [graph.emit(op, inputs, attributes)], { to: elementTypes[made] })
  }

const argMax: Lowering = (node, graph) => {
  const found = graph.emit("ArgMax", inputNames(node, graph), { axis: node.attributes["axis"] as number, keepdims: 0 })
  graph.make(node.outputs, "Cast", [found], { to: elementTypes.int32 })
}

const softmax: Lowering = (node, graph) => graph.make(node.outputs, "Softmax", inputNames(node, graph), { axis: -1 })

const topK: Lowering = (node, graph) => {
  const inputs = [graph.name(node.inputs[0]!), graph.ints([node.attributes["k"] as number])]
  const [values, indices] = graph.emitAll(2, "TopK", inputs, { axis: -1, largest: 1, sorted: 1 })
  graph.alias(node.outputs[0]!, values!)
  graph.make([node.outputs[1]!], "Cast", [indices!], { to: elementTypes.int32 })
}

/** Lowerings of reductions. */
export const reduce = {
  Sum: reduction("ReduceSum"),
  Mean: reduction("ReduceMean"),
  Max: reduction("ReduceMax"),
  Min: reduction("ReduceMin"),
  ArgMax: argMax,
  Softmax: softmax,
  SquareSum: (node, graph) => graph.make(node.outputs, "ReduceSumSquare", inputNames(node, graph), { keepdims: 0 }),
  LogSoftmax: (node, graph) => graph.make(node.outputs, "LogSoftmax", inputNames(node, graph), { axis: -1 }),
  TopK: topK
} satisfies LoweringTable
