import type { Node } from "../program.ts"
import { attr, castIn, type ElementType, type Graph } from "./graph.ts"
import type { Lowering, LoweringOptions, LoweringTable } from "./lowering.ts"

const attributesOf = ({ attributes }: Node, type: ElementType) => {
  const [rows, columns] = attributes["strides"] as readonly [number, number]
  return {
    T: attr.type(type),
    strides: attr.ints([1, rows, columns, 1]),
    padding: attr.text("EXPLICIT"),
    explicit_paddings: attr.ints((attributes["pad"] as readonly (readonly number[])[]).flat()),
    dilations: attr.ints([1, 1, 1, 1]),
    data_format: attr.text("NHWC"),
    use_cudnn_on_gpu: attr.bool(true)
  }
}

/**
 * Emits one op of the node's numeric inputs, rounded to bfloat16 under autocast as in matrix products; `sizes` is inserted among
 * them at a position.
 */
const emit = (op: string, node: Node, graph: Graph, { compute }: LoweringOptions, sizes?: readonly [number, unknown]): string => {
  const type = compute === "autocast" ? "bfloat16" : "float32"
  const inputs = node.inputs.map((input) => castIn(graph, graph.name(input), "float32", type))
  const all = sizes ? inputs.toSpliced(sizes[0], 0, graph.ints(sizes[1] as readonly number[])) : inputs
  return castIn(graph, graph.emit(op, all, attributesOf(node, type)), type, "float32")
}

const convolve: Lowering = (node, graph, options) => [emit("Conv2D", node, graph, options)]

/** TensorFlow takes the filter before the gradient. */
const transposed: Lowering = (node, graph, options) => {
  const swapped = { ...node, inputs: node.inputs.toReversed() }
  return [emit("Conv2DBackpropInput", swapped, graph, options, [0, node.attributes["inputShape"]])]
}

const ofFilter: Lowering = (node, graph, options) => [
  emit("Conv2DBackpropFilter", node, graph, options, [1, node.attributes["filterShape"]])
]

/** Lowerings of convolutions. */
export const convolution = {
  Conv2D: convolve,
  Conv2DBackpropInput: transposed,
  Conv2DBackpropFilter: ofFilter
} satisfies LoweringTable
