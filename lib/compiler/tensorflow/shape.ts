import { literalOf } from "../ops/shape.ts"
import type { Node } from "../program.ts"
import { attr, type Graph } from "./graph.ts"
import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

const typeOf = (node: Node, graph: Graph) => graph.type(node.outputs[0]!)

/** Equal elements are one number, broadcast at run time: XLA never materialises them. */
const splat = (node: Node, x: number, graph: Graph): string => {
  const { shape, dtype } = typeOf(node, graph)
  if (shape.length === 0) return graph.scalar(x, dtype)
  return graph.emit("Fill", [graph.ints(shape), graph.scalar(x, dtype)], {
    T: attr.type(dtype),
    index_type: attr.type("int32")
  })
}

const constant: Lowering = (node, graph) => {
  const literal = literalOf(node.attributes)
  if ("splat" in literal) return [splat(node, literal.splat, graph)]
  const { shape, dtype } = typeOf(node, graph)
  return [graph.constant(literal.values, shape, dtype)]
}

const range: Lowering = (node, graph) => {
  const { shape, dtype } = typeOf(node, graph)
  const [start, step] = [node.attributes["start"] as number, node.attributes["step"] as number]
  const numbers = Array.from({ length: shape[0]! }, (_, i) => start + i * step)
  return [graph.constant(numbers, shape, dtype)]
}

const reshape: Lowering = (node, graph) => {
  const { shape, dtype } = typeOf(node, graph)
  const attrs = { T: attr.type(dtype), Tshape: attr.type("int32") }
  return [graph.emit("Reshape", [graph.name(node.inputs[0]!), graph.ints(shape)], attrs)]
}

const transpose: Lowering = (node, graph) => [
  graph.emit("Transpose", [graph.name(node.inputs[0]!), graph.ints(node.attributes["perm"] as readonly number[])], {
    T: attr.type(typeOf(node, graph).dtype),
    Tperm: attr.type("int32")
  })
]

const concat: Lowering = (node, graph) => [
  graph.emit("ConcatV2", [...inputNames(node, graph), graph.scalar(node.attributes["axis"] as number, "int32")], {
    T: attr.type(typeOf(node, graph).dtype),
    N: attr.int(node.inputs.length),
    Tidx: attr.type("int32")
  })
]

const split: Lowering = (node, graph) => {
  const sizes = node.attributes["numOrSizeSplits"] as readonly number[]
  const inputs = [graph.name(node.inputs[0]!), graph.ints(sizes), graph.scalar(node.attributes["axis"] as number, "int32")]
  return graph.emitAll(
    sizes.map(() => "output"),
    "SplitV",
    inputs,
    { T: attr.type(typeOf(node, graph).dtype), num_split: attr.int(sizes.length), Tlen: attr.type("int32") }
  )
}

const pack: Lowering = (node, graph) => [
  graph.emit("Pack", inputNames(node, graph), {
    T: attr.type(typeOf(node, graph).dtype),
    N: attr.int(node.inputs.length),
    axis: attr.int(node.attributes["axis"] as number)
  })
]

const slice: Lowering = (node, graph) => [
  graph.emit(
    "Slice",
    [
      graph.name(node.inputs[0]!),
      graph.ints(node.attributes["begin"] as readonly number[]),
      graph.ints(node.attributes["size"] as readonly number[])
    ],
    { T: attr.type(typeOf(node, graph).dtype), Index: attr.type("int32") }
  )
]

const pad: Lowering = (node, graph) => {
  const paddings = node.attributes["paddings"] as readonly (readonly number[])[]
  const { dtype } = typeOf(node, graph)
  const inputs = [
    graph.name(node.inputs[0]!),
    graph.constant(paddings.flat(), [paddings.length, 2], "int32"),
    graph.scalar((node.attributes["constantValue"] as number | undefined) ?? 0, dtype)
  ]
  return [graph.emit("PadV2", inputs, { T: attr.type(dtype), Tpaddings: attr.type("int32") })]
}

const tile: Lowering = (node, graph) => [
  graph.emit("Tile", [graph.name(node.inputs[0]!), graph.ints(node.attributes["reps"] as readonly number[])], {
    T: attr.type(typeOf(node, graph).dtype),
    Tmultiples: attr.type("int32")
  })
]

const oneHot: Lowering = (node, graph) => {
  const { shape, dtype } = typeOf(node, graph)
  const on = (node.attributes["onValue"] as number | undefined) ?? 1
  const off = (node.attributes["offValue"] as number | undefined) ?? 0
  const inputs = [
    graph.name(node.inputs[0]!),
    graph.scalar(shape.at(-1)!, "int32"),
    graph.scalar(on, dtype),
    graph.scalar(off, dtype)
  ]
  return [graph.emit("OneHot", inputs, { T: attr.type(dtype), TI: attr.type("int32"), axis: attr.int(-1) })]
}

/** Lowerings of ops that only move elements. */
export const shape = {
  Constant: constant,
  Fill: (node, graph) => [splat(node, node.attributes["value"] as number, graph)],
  ZerosLike: (node, graph) => [splat(node, 0, graph)],
  OnesLike: (node, graph) => [splat(node, 1, graph)],
  Range: range,
  Reshape: reshape,
  ExpandDims: reshape,
  Identity: inputNames,
  Transpose: transpose,
  Concat: concat,
  SplitV: split,
  Pack: pack,
  Slice: slice,
  PadV2: pad,
  Tile: tile,
  OneHot: oneHot
} satisfies LoweringTable
