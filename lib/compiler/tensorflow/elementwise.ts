import type { Node } from "../program.ts"
import { attr, castIn, type Graph } from "./graph.ts"
import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

const inputType = (node: Node, graph: Graph) => graph.type(node.inputs[0]!).dtype

/** Lowers to a TensorFlow op of the given name, typed by its inputs. */
const direct =
  (op: string): Lowering =>
  (node, graph) => [graph.emit(op, inputNames(node, graph), { T: attr.type(inputType(node, graph)) })]

/** Lowers to an op on bools, which has no type attribute. */
const logical =
  (op: string): Lowering =>
  (node, graph) => [graph.emit(op, inputNames(node, graph))]

const comparison =
  (op: string): Lowering =>
  (node, graph) => [
    graph.emit(op, inputNames(node, graph), {
      T: attr.type(inputType(node, graph)),
      incompatible_shape_error: attr.bool(true)
    })
  ]

/** tfjs's floor division returns an integer for operands of any dtype. */
const floorDivision: Lowering = (node, graph) => {
  const type = inputType(node, graph)
  const quotient = graph.emit("FloorDiv", inputNames(node, graph), { T: attr.type(type) })
  return [castIn(graph, quotient, type, "int32")]
}

const clip: Lowering = (node, graph) => {
  const type = inputType(node, graph)
  const typed = { T: attr.type(type) }
  const { clipValueMin: low, clipValueMax: high } = node.attributes as { readonly [name: string]: number }
  const raised = graph.emit("Maximum", [graph.name(node.inputs[0]!), graph.scalar(low!, type)], typed)
  return [graph.emit("Minimum", [raised, graph.scalar(high!, type)], typed)]
}

const cast: Lowering = (node, graph) => [
  castIn(graph, graph.name(node.inputs[0]!), inputType(node, graph), graph.type(node.outputs[0]!).dtype)
]

const select: Lowering = (node, graph) => [
  graph.emit("SelectV2", inputNames(node, graph), { T: attr.type(graph.type(node.outputs[0]!).dtype) })
]

/**
 * Adds one after another: TensorFlow would turn an AddN of many large tensors into one with a temporary variable, which XLA
 * cannot compile.
 */
const sum: Lowering = (node, graph) => [
  inputNames(node, graph).reduce((a, b) => graph.emit("AddV2", [a, b], { T: attr.type(inputType(node, graph)) }))
]

/** TensorFlow has no Floor of integers. */
const floor: Lowering = (node, graph) =>
  inputType(node, graph) === "float32"
    ? [graph.emit("Floor", inputNames(node, graph), { T: attr.type("float32") })]
    : inputNames(node, graph)

/** Lowerings of elementwise ops. */
export const elementwise = {
  Add: direct("AddV2"),
  Sub: direct("Sub"),
  Multiply: direct("Mul"),
  RealDiv: direct("RealDiv"),
  Maximum: direct("Maximum"),
  Minimum: direct("Minimum"),
  Mod: direct("FloorMod"),
  FloorDiv: floorDivision,
  Pow: direct("Pow"),
  SquaredDifference: direct("SquaredDifference"),
  Equal: comparison("Equal"),
  NotEqual: comparison("NotEqual"),
  Less: direct("Less"),
  LessEqual: direct("LessEqual"),
  Greater: direct("Greater"),
  GreaterEqual: direct("GreaterEqual"),
  LogicalAnd: logical("LogicalAnd"),
  LogicalOr: logical("LogicalOr"),
  LogicalNot: logical("LogicalNot"),
  Neg: direct("Neg"),
  Exp: direct("Exp"),
  Log: direct("Log"),
  Sqrt: direct("Sqrt"),
  Rsqrt: direct("Rsqrt"),
  Square: direct("Square"),
  Tanh: direct("Tanh"),
  Erf: direct("Erf"),
  Abs: direct("Abs"),
  Sign: direct("Sign"),
  Reciprocal: direct("Reciprocal"),
  Floor: floor,
  Sigmoid: direct("Sigmoid"),
  ClipByValue: clip,
  Cast: cast,
  Select: select,
  AddN: sum
} satisfies LoweringTable
