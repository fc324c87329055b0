import type { Program, ValueType } from "../program.ts"
import type { AttrValue, NodeDef, ShapeProto, TensorProto } from "./messages.ts"

/** Codes of TensorFlow's element types. */
export const elementTypes = { float32: 1, int32: 3, uint8: 4, bool: 10, bfloat16: 14, resource: 20 } as const
export type ElementType = keyof typeof elementTypes

/** Name of each TensorFlow op's output, by which a function's nodes refer to it; `output` where it is not listed. */
const ports: { readonly [op: string]: string } = {
  ReadVariableOp: "value",
  Softmax: "softmax",
  LogSoftmax: "logsoftmax",
  ...Object.fromEntries(
    ["AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum", "FloorMod", "FloorDiv", "Pow", "SquaredDifference"].map((op) => [
      op,
      "z"
    ])
  ),
  ...Object.fromEntries(
    ["Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual", "LogicalAnd", "LogicalOr"].map((op) => [op, "z"])
  ),
  ...Object.fromEntries(
    ["LogicalNot", "Neg", "Exp", "Log", "Sqrt", "Rsqrt", "Square", "Tanh", "Erf", "Abs", "Sign", "Reciprocal", "Floor"]
      .concat(["Sigmoid", "Cast", "Transpose"])
      .map((op) => [op, "y"])
  )
}

/** Constructors of attributes. */
export const attr = {
  type: (type: ElementType): AttrValue => ({ type: elementTypes[type] }),
  types: (types: readonly ElementType[]): AttrValue => ({ list: { type: types.map((type) => elementTypes[type]) } }),
  int: (i: number): AttrValue => ({ i }),
  ints: (list: readonly number[]): AttrValue => ({ list: { i: list } }),
  bool: (b: boolean): AttrValue => ({ b }),
  text: (text: string): AttrValue => ({ s: new TextEncoder().encode(text) }),
  shape: (shape: readonly number[]): AttrValue => ({ shape: shapeProto(shape) })
}
export interface Attrs {
  readonly [name: string]: AttrValue
}

/** Encodes a shape as a TensorShapeProto. */
export const shapeProto = (shape: readonly number[]): ShapeProto => ({ dim: shape.map((size) => ({ size })) })

/** Encodes a tensor as a TensorProto; a single number stands for all elements. */
export const tensorProto = (values: ArrayLike<number>, shape: readonly number[], type: ValueType["dtype"]): TensorProto => {
  const array =
    type === "float32" ? Float32Array.from(values) : type === "int32" ? Int32Array.from(values) : Uint8Array.from(values)
  return { dtype: elementTypes[type], shape: shapeProto(shape), content: new Uint8Array(array.buffer) }
}

/** A function under construction, which lowerings write into; tensors are identified by name. */
export interface Graph {
  readonly type: (value: number) => ValueType
  /** Returns the tensor name of a value that exists already. */
  readonly name: (value: number) => string
  /** Makes a tensor (of an op with one output). */
  readonly emit: (op: string, inputs: readonly string[], attrs?: Attrs) => string
  /** Makes the outputs of an op by their ports' names; a list of outputs repeats one name. */
  readonly emitAll: (outputs: readonly string[], op: string, inputs: readonly string[], attrs?: Attrs) => readonly string[]
  /** Makes a node without outputs; returns its name, for control inputs and outputs. */
  readonly act: (op: string, inputs: readonly string[], attrs?: Attrs) => string
  /** Binds a value to an existing tensor. */
  readonly set: (value: number, name: string) => void
  /** Makes a constant list of int32, the form of shapes and axes. */
  readonly ints: (values: readonly number[]) => string
  readonly scalar: (x: number, type: ValueType["dtype"]) => string
  readonly constant: (values: ArrayLike<number>, shape: readonly number[], type: ValueType["dtype"]) => string
  readonly nodes: readonly NodeDef[]
}

/** Casts a tensor to another type; returns it unchanged where it has that type. */
export const castIn = (graph: Pick<Graph, "emit">, tensor: string, from: ElementType, to: ElementType): string =>
  from === to ? tensor : graph.emit("Cast", [tensor], { SrcT: attr.type(from), DstT: attr.type(to) })

/** Returns the name of the node that makes a tensor, for control inputs. */
export const nodeOf = (tensor: string): string => tensor.split(":")[0]!

const fit = (stage: string): string => stage.replaceAll(/[^A-Za-z0-9_.]/g, "_").replace(/^[^A-Za-z0-9.]/, ".")

/**
 * Ops that return the same elements in another form, which lowerings request many times (a twelfth of a step's nodes in bf16).
 */
const views: ReadonlySet<string> = new Set(["Cast", "Reshape"])

/** Starts the function of a program; `stage` names the nodes being made, for profiles and TensorFlow's errors. */
export const startGraph = (program: Program, stage: () => string): Graph => {
  const nodes: NodeDef[] = []
  const names = new Map<number, string>()
  const shared = new Map<string, string>()
  const add = (op: string, input: readonly string[], attrs: Attrs): string => {
    const name = `${fit(stage())}/${op}_${nodes.length}`
    nodes.push({ name, op, input, attr: attrs })
    return name
  }
  const emitAll: Graph["emitAll"] = (outputs, op, inputs, attrs = {}) => {
    const node = add(op, inputs, attrs)
    const counts = new Map<string, number>()
    return outputs.map((port) => {
      const at = counts.get(port) ?? 0
      counts.set(port, at + 1)
      return `${node}:${port}:${at}`
    })
  }
  /** Reuses equal nodes: XLA would merge them too, but TensorFlow takes time for each node before. */
  const once = (key: string, make: () => string): string => {
    const made = shared.get(key) ?? make()
    shared.set(key, made)
    return made
  }
  const emit: Graph["emit"] = (op, inputs, attrs) => {
    const make = (): string => emitAll([ports[op] ?? "output"], op, inputs, attrs)[0]!
    return views.has(op) ? once(JSON.stringify([op, inputs, attrs]), make) : make()
  }
  const constant: Graph["constant"] = (values, shape, type) => {
    const key =
      values.length <= 64
        ? `${type}[${shape.join()}]${Array.from(values, (x) => (Object.is(x, -0) ? "-0" : x)).join()}`
        : `#${nodes.length}`
    const attrs = { dtype: attr.type(type), value: { tensor: tensorProto(values, shape, type) } }
    return once(key, () => emitAll(["output"], "Const", [], attrs)[0]!)
  }
  return {
    type: (value) => program.values[value]!,
    name: (value) => names.get(value)!,
    emitAll,
    emit,
    act: (op, inputs, attrs = {}) => add(op, inputs, attrs),
    set: (value, name) => names.set(value, name),
    ints: (values) => constant(values, [values.length], "int32"),
    scalar: (x, type) => constant([x], [], type),
    constant,
    nodes
  }
}
