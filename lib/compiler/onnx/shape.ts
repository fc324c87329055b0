import { literalOf } from "../ops/shape.ts"
import { sizeOf } from "../program.ts"
import type { Graph } from "./graph.ts"
import { elementTypes, tensorProto } from "./graph.ts"
import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

/** Up to this many equal elements are stored in the model; more are expanded at run time. */
const writtenOut = 1 << 14

const splat = (value: number, x: number, graph: Graph): void => {
  const { shape, dtype } = graph.type(value)
  const size = sizeOf(shape)
  if (size <= writtenOut) graph.alias(value, graph.constant(new Float32Array(size).fill(x), shape, dtype))
  else graph.make([value], "ConstantOfShape", [graph.ints(shape)], { value: { tensor: tensorProto([x], [1], dtype) } })
}

const constant: Lowering = (node, graph) => {
  const [value] = node.outputs as [number]
  const literal = literalOf(node.attributes)
  if ("splat" in literal) return splat(value, literal.splat, graph)
  const { shape, dtype } = graph.type(value)
  graph.alias(value, graph.constant(literal.values, shape, dtype))
}

const range: Lowering = (node, graph) => {
  const [value] = node.outputs as [number]
  const { shape, dtype } = graph.type(value)
  const [start, step] = [node.attributes["start"] as number, node.attributes["step"] as number]
  graph.alias(
    value,
    graph.constant(
      Array.from({ length: shape[0]! }, (_, i) => start + i * step),
      shape,
      dtype
    )
  )
}

const reshape: Lowering = (node, graph) =>
  graph.make(node.outputs, "Reshape", [graph.name(node.inputs[0]!), graph.ints(graph.type(node.outputs[0]!).shape)])

const transpose: Lowering = (node, graph) =>
  graph.make(node.outputs, "Transpose", inputNames(node, graph), { perm: node.attributes["perm"] as readonly number[] })

const concat: Lowering = (node, graph) =>
  graph.make(node.outputs, "Concat", inputNames(node, graph), { axis: node.attributes["axis"] as number })

const split: Lowering = (node, graph) => {
  const sizes = node.attributes["numOrSizeSplits"] as readonly number[]
  graph.make(node.outputs, "Split", [graph.name(node.inputs[0]!), graph.ints(sizes)], { axis: node.attributes["axis"] as number })
}

const pack: Lowering = (node, graph) => {
  const { shape } = graph.type(node.inputs[0]!)
  const axis = node.attributes["axis"] as number
  const unit = graph.ints(shape.toSpliced(axis, 0, 1))
  graph.make(
    node.outputs,
    "Concat",
    inputNames(node, graph).map((name) => graph.emit("Reshape", [name, unit])),
    { axis }
  )
}

/** Only axes that are cut are listed. */
const slice: Lowering = (node, graph) => {
  const { shape } = graph.type(node.inputs[0]!)
  const [begin, size] = [node.attributes["begin"] as readonly number[], node.attributes["size"] as readonly number[]]
  const axes = shape.map((_, axis) => axis).filter((axis) => size[axis] !== shape[axis])
  const starts = axes.map((axis) => begin[axis]!)
  const ends = axes.map((axis) => begin[axis]! + size[axis]!)
  if (axes.length === 0) return graph.alias(node.outputs[0]!, graph.name(node.inputs[0]!))
  graph.make(node.outputs, "Slice", [graph.name(node.inputs[0]!), graph.ints(starts), graph.ints(ends), graph.ints(axes)])
}

const pad: Lowering = (node, graph) => {
  const paddings = node.attributes["paddings"] as readonly (readonly number[])[]
  const widths = graph.ints([...paddings.map(([before]) => before!), ...paddings.map(([, after]) => after!)])
  const { dtype } = graph.type(node.inputs[0]!)
  graph.make(node.outputs, "Pad", [
    graph.name(node.inputs[0]!),
    widths,
    graph.scalar((node.attributes["constantValue"] as number | undefined) ?? 0, dtype)
  ])
}

const tile: Lowering = (node, graph) =>
  graph.make(node.outputs, "Tile", [graph.name(node.inputs[0]!), graph.ints(node.attributes["reps"] as readonly number[])])

/** By comparison: ONNX's OneHot counts negative indices from the end, and lacks some dtypes. */
const oneHot: Lowering = (node, graph) => {
  const { shape, dtype } = graph.type(node.outputs[0]!)
  const depth = shape.at(-1)!
  const indices = graph.emit("Reshape", [graph.name(node.inputs[0]!), graph.ints([...shape.slice(0, -1), 1])])
  const hit = graph.emit("Equal", [
    indices,
    graph.constant(
      Array.from({ length: depth }, (_, i) => i),
      [depth],
      "int32"
    )
  ])
  const on = (node.attributes["onValue"] as number | undefined) ?? 1
  const off = (node.attributes["offValue"] as number | undefined) ?? 0
  if (dtype === "bool") return graph.alias(node.outputs[0]!, hit)
  if (on === 1 && off === 0) return graph.make(node.outputs, "Cast", [hit], { to: elementTypes[dtype] })
  graph.make(node.outputs, "Where", [hit, graph.scalar(on, dtype), graph.scalar(off, dtype)])
}

const identity: Lowering = (node, graph) => graph.alias(node.outputs[0]!, graph.name(node.inputs[0]!))

/** Lowerings of ops that only move elements. */
export const shape = {
  Constant: constant,
  Fill: (node, graph) => splat(node.outputs[0]!, node.attributes["value"] as number, graph),
  ZerosLike: (node, graph) => splat(node.outputs[0]!, 0, graph),
  OnesLike: (node, graph) => splat(node.outputs[0]!, 1, graph),
  Range: range,
  Reshape: reshape,
  ExpandDims: reshape,
  Identity: identity,
  Transpose: transpose,
  Concat: concat,
  SplitV: split,
  Pack: pack,
  Slice: slice,
  PadV2: pad,
  Tile: tile,
  OneHot: oneHot
} satisfies LoweringTable
