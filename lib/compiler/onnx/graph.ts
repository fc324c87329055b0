import { type Input, type Program, sizeOf, type ValueType } from "../program.ts"
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfo } from "./messages.ts"

/** Numbers of ONNX's element types. */
export const elementTypes = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const
export type ElementType = keyof typeof elementTypes

/** An attribute of a node; a fraction is spelled `{ float }`, since ONNX tells 1 and 1.0 apart. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number } | { readonly tensor: TensorProto }
export interface OnnxAttributes {
  readonly [name: string]: OnnxAttribute
}

/** A graph under construction, which lowerings write into; tensors are named by strings. */
export interface Graph {
  readonly type: (value: number) => ValueType
  /** The name of a value that is made already. */
  readonly name: (value: number) => string
  /** Makes values of the program by one ONNX node. */
  readonly make: (
    values: readonly number[],
    op: string,
    inputs: readonly string[],
    attributes?: OnnxAttributes,
    domain?: string
  ) => void
  /** Makes several tensors that are no values of the program. */
  readonly emitAll: (
    count: number,
    op: string,
    inputs: readonly string[],
    attributes?: OnnxAttributes,
    domain?: string
  ) => readonly string[]
  /** Makes a tensor that is no value of the program. */
  readonly emit: (op: string, inputs: readonly string[], attributes?: OnnxAttributes, domain?: string) => string
  /** Lets a value be a tensor that there is already. */
  readonly alias: (value: number, name: string) => void
  /** A constant list of int64, as shapes and axes are given. */
  readonly ints: (values: readonly number[]) => string
  /** A constant without axes. */
  readonly scalar: (x: number, type: ElementType) => string
  /** A constant with its numbers one by one. */
  readonly constant: (values: ArrayLike<number>, shape: readonly number[], type: ElementType) => string
  readonly finish: () => GraphProto
}

const bytesOf = (values: ArrayLike<number>, type: ElementType): Uint8Array => {
  const array =
    type === "float32"
      ? Float32Array.from(values)
      : type === "int32"
        ? Int32Array.from(values)
        : type === "int64"
          ? BigInt64Array.from(Array.from(values, BigInt))
          : Uint8Array.from(values)
  return new Uint8Array(array.buffer)
}

/** A tensor written out. */
export const tensorProto = (values: ArrayLike<number>, dims: readonly number[], type: ElementType): TensorProto => ({
  dims,
  dataType: elementTypes[type],
  rawData: bytesOf(values, type)
})

/** An attribute as it is written. */
export const attributeProto = (name: string, value: OnnxAttribute): AttributeProto => {
  if (typeof value === "number") return { name, type: 2, i: value }
  if (typeof value === "string") return { name, type: 3, s: new TextEncoder().encode(value) }
  if ("float" in value) return { name, type: 1, f: value.float }
  if ("tensor" in value) return { name, type: 4, t: value.tensor }
  return { name, type: 7, ints: value }
}

/** A named tensor as it is declared. */
export const valueInfo = (
  name: string,
  { shape, dtype }: Omit<ValueType, "dtype"> & { readonly dtype: ElementType }
): ValueInfo => ({
  name,
  type: { tensorType: { elemType: elementTypes[dtype], shape: { dim: shape.map((dimValue) => ({ dimValue })) } } }
})

/** The name of a program's value in its graph, when it goes in or out. */
export const valueName = (value: number): string => `v${value}`

/** The name in its graph of what a program is fed: bytes are made float32 under the value's own name. */
export const inputName = ({ value, source }: Input): string =>
  "feed" in source && source.bytes ? `bytes${value}` : valueName(value)

/** Starts the graph of a program, with its inputs. `stage` names the nodes being made, for profiles and ORT's errors. */
export const startGraph = (program: Program, stage: () => string): Graph => {
  const nodes: NodeProto[] = []
  const initializers: TensorProto[] = []
  const names = new Map<number, string>(program.inputs.map(({ value }) => [value, valueName(value)]))
  const shared = new Map<string, string>()
  let count = 0
  const add = (
    op: string,
    input: readonly string[],
    output: readonly string[],
    attributes: OnnxAttributes,
    domain: string | undefined
  ): void => {
    const attribute = Object.entries(attributes).map(([name, value]) => attributeProto(name, value))
    nodes.push({ name: `${stage()}/${op}_${nodes.length}`, opType: op, input, output, attribute, ...(domain ? { domain } : {}) })
  }
  const constant = (values: ArrayLike<number>, shape: readonly number[], type: ElementType): string => {
    const key =
      sizeOf(shape) <= 64
        ? `${type}[${shape.join()}]${Array.from(values, (x) => (Object.is(x, -0) ? "-0" : x)).join()}`
        : `#${count++}`
    const known = shared.get(key)
    if (known) return known
    const name = `c${initializers.length}`
    initializers.push({ name, ...tensorProto(values, shape, type) })
    shared.set(key, name)
    return name
  }
  const emitAll: Graph["emitAll"] = (outputs, op, inputs, attributes = {}, domain) => {
    const made = Array.from({ length: outputs }, (_, i) => `t${nodes.length}.${i}`)
    add(op, inputs, made, attributes, domain)
    return made
  }
  for (const input of program.inputs)
    if (inputName(input) !== valueName(input.value))
      add("Cast", [inputName(input)], [valueName(input.value)], { to: elementTypes.float32 }, undefined)
  return {
    type: (value) => program.values[value]!,
    name: (value) => names.get(value)!,
    make: (values, op, inputs, attributes = {}, domain) => {
      for (const value of values) names.set(value, valueName(value))
      add(op, inputs, values.map(valueName), attributes, domain)
    },
    emitAll,
    emit: (op, inputs, attributes, domain) => emitAll(1, op, inputs, attributes, domain)[0]!,
    alias: (value, name) => names.set(value, name),
    ints: (values) => constant(values, [values.length], "int64"),
    scalar: (x, type) => constant([x], [], type),
    constant,
    finish: () => {
      const leaving = [...new Set([...program.outputs, ...program.updates].map(({ value }) => value))]
      for (const value of leaving)
        if (names.get(value) !== valueName(value) || program.inputs.some((input) => input.value === value))
          add("Identity", [names.get(value)!], [outputName(program, value)], {}, undefined)
      return {
        name: "program",
        node: nodes,
        initializer: initializers,
        input: program.inputs.map((input) => {
          const { shape, dtype } = program.values[input.value]!
          return valueInfo(inputName(input), { shape, dtype: inputName(input) === valueName(input.value) ? dtype : "uint8" })
        }),
        output: leaving.map((value) => valueInfo(outputName(program, value), program.values[value]!))
      }
    }
  }
}

/** The name under which a value leaves its graph; one that is an input too needs another. */
export const outputName = (program: Program, value: number): string =>
  program.inputs.some((input) => input.value === value) ? `out${value}` : valueName(value)
