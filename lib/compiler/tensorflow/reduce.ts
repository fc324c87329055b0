import { attr, castIn } from "./graph.ts"
import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

/** Reduces over the node's axes; bools are counted as int32, and Mean is of floats. */
const reduction =
  (op: "Sum" | "Mean" | "Max" | "Min"): Lowering =>
  (node, graph) => {
    const from = graph.type(node.inputs[0]!).dtype
    const made = graph.type(node.outputs[0]!).dtype
    const to = op === "Mean" ? "float32" : from === "bool" ? "int32" : from
    const x = castIn(graph, graph.name(node.inputs[0]!), from, to)
    const axes = node.attributes["axis"] as readonly number[]
    const attrs = { T: attr.type(to), Tidx: attr.type("int32"), keep_dims: attr.bool(node.attributes["keepDims"] === true) }
    return [castIn(graph, axes.length === 0 ? x : graph.emit(op, [x, graph.ints(axes)], attrs), to, made)]
  }

const argMax: Lowering = (node, graph) => [
  graph.emit("ArgMax", [graph.name(node.inputs[0]!), graph.scalar(node.attributes["axis"] as number, "int32")], {
    T: attr.type(graph.type(node.inputs[0]!).dtype),
    Tidx: attr.type("int32"),
    output_type: attr.type("int32")
  })
]

const alongLast =
  (op: string): Lowering =>
  (node, graph) => [graph.emit(op, inputNames(node, graph), { T: attr.type("float32") })]

const topK: Lowering = (node, graph) =>
  graph.emitAll(
    ["values", "indices"],
    "TopKV2",
    [graph.name(node.inputs[0]!), graph.scalar(node.attributes["k"] as number, "int32")],
    {
      T: attr.type(graph.type(node.inputs[0]!).dtype),
      sorted: attr.bool(true),
      Tk: attr.type("int32"),
      index_type: attr.type("int32")
    }
  )

/** XLA fuses the squares into the sum. */
const squareSum: Lowering = (node, graph) => {
  const float = { T: attr.type("float32") }
  const axes = graph.type(node.inputs[0]!).shape.map((_, axis) => axis)
  return [
    graph.emit("Sum", [graph.emit("Square", inputNames(node, graph), float), graph.ints(axes)], {
      ...float,
      Tidx: attr.type("int32"),
      keep_dims: attr.bool(false)
    })
  ]
}

/** Lowerings of reductions. */
export const reduce = {
  Sum: reduction("Sum"),
  Mean: reduction("Mean"),
  Max: reduction("Max"),
  Min: reduction("Min"),
  ArgMax: argMax,
  Softmax: alongLast("Softmax"),
  LogSoftmax: alongLast("LogSoftmax"),
  SquareSum: squareSum,
  TopK: topK
} satisfies LoweringTable
