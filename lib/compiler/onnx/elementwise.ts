import type { Graph } from "./graph.ts"
import { elementTypes } from "./graph.ts"
import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

/** Lowers to an ONNX op of the given name. */
export const direct =
  (op: string): Lowering =>
  (node, graph) =>
    graph.make(node.outputs, op, inputNames(node, graph))

const isFloat = (value: number, graph: Graph): boolean => graph.type(value).dtype === "float32"

/** Negates the opposite comparison, for comparisons that ONNX lacks. */
const opposite =
  (op: string): Lowering =>
  (node, graph) =>
    graph.make(node.outputs, "Not", [graph.emit(op, inputNames(node, graph))])

/** tfjs's remainder has the divisor's sign; ONNX's has it for integers only. */
const modulo: Lowering = (node, graph) => {
  const [a, b] = inputNames(node, graph) as [string, string]
  if (!isFloat(node.outputs[0]!, graph)) return graph.make(node.outputs, "Mod", [a, b])
  const quotient = graph.emit("Floor", [graph.emit("Div", [a, b])])
  graph.make(node.outputs, "Sub", [a, graph.emit("Mul", [quotient, b])])
}

/** tfjs's floor division returns an integer for operands of any dtype. */
const floorDivision: Lowering = (node, graph) => {
  const [a, b] = inputNames(node, graph) as [string, string]
  if (isFloat(node.inputs[0]!, graph))
    return graph.make(node.outputs, "Cast", [graph.emit("Floor", [graph.emit("Div", [a, b])])], { to: elementTypes.int32 })
  graph.make(node.outputs, "Div", [graph.emit("Sub", [a, graph.emit("Mod", [a, b])]), b])
}

const squaredDifference: Lowering = (node, graph) => {
  const difference = graph.emit("Sub", inputNames(node, graph))
  graph.make(node.outputs, "Mul", [difference, difference])
}

const square: Lowering = (node, graph) => {
  const x = graph.name(node.inputs[0]!)
  graph.make(node.outputs, "Mul", [x, x])
}

const inverseRoot: Lowering = (node, graph) =>
  graph.make(node.outputs, "Reciprocal", [graph.emit("Sqrt", inputNames(node, graph))])

const floor: Lowering = (node, graph) =>
  isFloat(node.inputs[0]!, graph)
    ? graph.make(node.outputs, "Floor", inputNames(node, graph))
    : graph.alias(node.outputs[0]!, graph.name(node.inputs[0]!))

const clip: Lowering = (node, graph) => {
  const { dtype } = graph.type(node.inputs[0]!)
  const [low, high] = [node.attributes["clipValueMin"] as number, node.attributes["clipValueMax"] as number]
  graph.make(node.outputs, "Clip", [graph.name(node.inputs[0]!), graph.scalar(low, dtype), graph.scalar(high, dtype)])
}

const cast: Lowering = (node, graph) => {
  const { dtype } = graph.type(node.outputs[0]!)
  graph.make(node.outputs, "Cast", inputNames(node, graph), { to: elementTypes[dtype] })
}

/** ONNX Runtime has no Where on bools. */
const select: Lowering = (node, graph) => {
  const [condition, yes, no] = inputNames(node, graph) as [string, string, string]
  if (graph.type(node.outputs[0]!).dtype !== "bool") return graph.make(node.outputs, "Where", [condition, yes, no])
  const otherwise = graph.emit("And", [graph.emit("Not", [condition]), no])
  graph.make(node.outputs, "Or", [graph.emit("And", [condition, yes]), otherwise])
}

/** ONNX Runtime's Sum takes any number of tensors for floats only. */
const sum: Lowering = (node, graph) => {
  const names = inputNames(node, graph)
  if (isFloat(node.outputs[0]!, graph)) return graph.make(node.outputs, "Sum", names)
  const [last, ...others] = names.toReversed() as [string, ...string[]]
  if (others.length === 0) return graph.alias(node.outputs[0]!, last)
  graph.make(node.outputs, "Add", [others.reduce((a, b) => graph.emit("Add", [a, b])), last])
}

/** Lowerings of elementwise ops. */
export const elementwise = {
  Add: direct("Add"),
  Sub: direct("Sub"),
  Multiply: direct("Mul"),
  RealDiv: direct("Div"),
  Maximum: direct("Max"),
  Minimum: direct("Min"),
  Mod: modulo,
  FloorDiv: floorDivision,
  Pow: direct("Pow"),
  SquaredDifference: squaredDifference,
  Equal: direct("Equal"),
  NotEqual: opposite("Equal"),
  Less: direct("Less"),
  LessEqual: direct("LessOrEqual"),
  Greater: direct("Greater"),
  GreaterEqual: direct("GreaterOrEqual"),
  LogicalAnd: direct("And"),
  LogicalOr: direct("Or"),
  LogicalNot: direct("Not"),
  Neg: direct("Neg"),
  Exp: direct("Exp"),
  Log: direct("Log"),
  Sqrt: direct("Sqrt"),
  Rsqrt: inverseRoot,
  Square: square,
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
