import { type Input, type Program, sizeOf, type ValueType } from "../program.ts"
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfo } from "./messages.ts"

/** Codes of ONNX's element types. */
export const elementTypes = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const
export type ElementType = keyof typeof elementTypes

/** An attribute of a node; a fraction is written `{ float }`, since ONNX distinguishes 1 from 1.0. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number } | { readonly tensor: TensorProto }
export interface OnnxAttributes {
  readonly [name: string]: OnnxAttribute
}

/** A graph under construction, which lowerings write into; tensors are identified by name. */
export interface Graph {
  readonly type: (value: number) => ValueType
  /** Returns the tensor name of a value that exists already. */
  readonly name: (value: number) => string
  /** Makes values of the program by one ONNX node. */
  readonly make: (
    values: readonly number[],
    op: string,
    inputs: readonly string[],
    attributes?: OnnxAttributes,
    domain?: string
  ) => void
  /** Makes several tensors that are not values of the program. */
  readonly emitAll: (
    count: number,
    op: string,
    inputs: readonly string[],
    attributes?: OnnxAttributes,
    domain?: string
  ) => readonly string[]
  /** Makes one tensor that is not a value of the program. */
  readonly emit: (op: string, inputs: readonly string[], attributes?: OnnxAttributes, domain?: string) => string
  /** Binds a value to an existing tensor. */
  readonly alias: (value: number, name: string) => void
  /** Makes a constant list of int64, the form of shapes and axes. */
  readonly ints: (values: readonly number[]) => string
  /** Makes a scalar constant. */
  readonly scalar: (x: number, type: ElementType) => string
  /** Makes a constant from its elements. */
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

/** Encodes a tensor as a TensorProto. */
export const tensorProto = (values: ArrayLike<number>, dims: readonly number[], type: ElementType): TensorProto => ({
  dims,
  dataType: elementTypes[type],
  rawData: bytesOf(values, type)
})

/** Encodes an attribute as an AttributeProto. */
export const attributeProto = (name: string, value: OnnxAttribute): AttributeProto => {
  if (typeof value === "number") return { name, type: 2, i: value }
  if (typeof value === "string") return { name, type: 3, s: new TextEncoder().encode(value) }
  if ("float" in value) return { name, type: 1, f: value.float }
  if ("tensor" in value) return { name, type: 4, t: value.tensor }
  return { name, type: 7, ints: value }
}

/** Declares a named tensor as a ValueInfoProto. */
export const valueInfo = (
  name: string,
  { shape, dtype }: Omit<ValueType, "dtype"> & { readonly dtype: ElementType }
): ValueInfo => ({
  name,
  type: { tensorType: { elemType: elementTypes[dtype], shape: { dim: shape.map((dimValue) => ({ dimValue })) } } }
})

/** Returns the name in the graph of a program's value that is an input or an output. */
export const valueName = (value: number): string => `v${value}`

/** Returns the name in the graph of a fed input: an input fed as bytes is cast to float32 under the value's own name. */
export const inputName = ({ value, source }: Input): string =>
  "feed" in source && source.bytes ? `bytes${value}` : valueName(value)

/** Starts the graph of a program, with its inputs. `stage` names the nodes being made, for profiles and ONNX Runtime's errors. */
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

/** Returns the name under which a value leaves its graph; a value that is an input too needs a second name. */
export const outputName = (program: Program, value: number): string =>
  program.inputs.some((input) => input.value === value) ? `out${value}` : valueName(value)
