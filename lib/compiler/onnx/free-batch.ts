import { BatchBound } from "../errors.ts"
import { elementTypes } from "./graph.ts"
import type { Dimension, GraphProto, NodeProto, TensorProto, ValueInfo } from "./messages.ts"
import { type RuntimeLists, runtimeLists } from "./runtime-lists.ts"

/** Name of the batch dimension in a model for any batch size. */
export const batchName = "batch"

/** A graph lowered for one batch size. */
export interface LoweredAt {
  readonly batch: number
  readonly graph: GraphProto
}
type Sizes = readonly [number, number]

const refuse = (what: string): never => {
  throw new BatchBound({ what })
}

const textOf = ({ name: _, ...node }: NodeProto): string =>
  JSON.stringify(node, (_, value) => (value instanceof Uint8Array ? [...value] : value))
const bytesEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
const product = (sizes: readonly number[]): number => sizes.reduce((result, size) => result * size, 1)

/** Multiples of the batch size, by position, where the two lists differ; 0 where they are equal. */
const batchesIn = (a: readonly number[], b: readonly number[], sizes: Sizes, what: string): readonly number[] =>
  a.map((x, i) => {
    if (x === b[i]) return 0
    const factor = x / sizes[0]
    return Number.isInteger(factor) && factor > 0 && b[i] === factor * sizes[1] ? factor : refuse(what)
  })

const freeDimensions = (a: ValueInfo, b: ValueInfo, sizes: Sizes): ValueInfo => {
  if (!("tensorType" in a.type && "tensorType" in b.type)) return a
  const { elemType, shape } = a.type.tensorType
  const [x, y] = [shape.dim, b.type.tensorType.shape.dim].map((dim) => dim.map(({ dimValue = 0 }) => dimValue)) as [
    number[],
    number[]
  ]
  const dim = batchesIn(x, y, sizes, `'${a.name}'`).map((factor, axis): Dimension => {
    if (factor === 0) return shape.dim[axis]!
    return { dimParam: factor === 1 ? batchName : `${factor}*${batchName}` }
  })
  return { ...a, type: { tensorType: { elemType, shape: { dim } } } }
}

/** Returns an input and the axis of it whose length is the batch size. */
const told = (inputs: readonly ValueInfo[]): { readonly input: string; readonly axis: number } => {
  for (const { name, type } of inputs) {
    const axis = "tensorType" in type ? type.tensorType.shape.dim.findIndex(({ dimParam }) => dimParam === batchName) : -1
    if (axis >= 0) return { input: name, axis }
  }
  return refuse("no input")
}

/** Splits a constant that repeats along its one axis of batch length into its first part and an expansion of it. */
const stretched = (x: TensorProto, y: TensorProto, sizes: Sizes, lists: RuntimeLists): TensorProto => {
  const { name = "", dims, rawData } = x
  const factors = batchesIn(dims, y.dims, sizes, `'${name}'`)
  const axis = factors.indexOf(1)
  if (axis < 0 || factors.filter((factor) => factor > 0).length > 1) return refuse(`'${name}'`)
  const blocks = product(dims.slice(0, axis + 1))
  const block = rawData.length / blocks
  const parts = Array.from({ length: blocks }, (_, i) => rawData.subarray(i * block, (i + 1) * block))
  const first = parts.filter((_, i) => i % sizes[0] === 0)
  if (parts.some((part, i) => !bytesEqual(part, first[Math.floor(i / sizes[0])]!))) return refuse(`'${name}'`)
  lists.stretch(name, `${name}.one`, dims, factors)
  return { ...x, name: `${name}.one`, dims: dims.with(axis, 1), rawData: Buffer.concat(first) }
}

/**
 * Returns one graph for any batch size, from two lowerings of the same program at sizes that no other dimension has: the nodes
 * must be the same, and the numbers that differ must be the batch size or multiples of it. A shape that is only reshaped to gets
 * −1 there, other lists of numbers are computed at run time, and a repeated constant is expanded. Throws `BatchBound` for
 * anything else that depends on the batch.
 */
export const freeBatch = (first: LoweredAt, second: LoweredAt): GraphProto => {
  const [a, b] = [first.graph, second.graph]
  const sizes = [first.batch, second.batch] as const
  if (a.node.length !== b.node.length || a.initializer.length !== b.initializer.length) refuse("the graph itself")
  for (const [i, node] of a.node.entries()) if (textOf(node) !== textOf(b.node[i]!)) refuse(`${node.opType} (${node.name})`)
  const input = a.input.map((each, i) => freeDimensions(each, b.input[i]!, sizes))
  const output = a.output.map((each, i) => freeDimensions(each, b.output[i]!, sizes))
  const lists = runtimeLists(told(input))
  const shapesOnly = (name: string): boolean =>
    a.node.every(({ opType, input }) => !input.includes(name) || (opType === "Reshape" && input[0] !== name))
  const initializer = a.initializer.flatMap((x, i): readonly TensorProto[] => {
    const y = b.initializer[i]!
    const { name = "" } = x
    if (name !== y.name || x.dataType !== y.dataType || x.dims.length !== y.dims.length) return refuse(`'${name}'`)
    if (`${x.dims}` !== `${y.dims}`) return [stretched(x, y, sizes, lists)]
    if (bytesEqual(x.rawData, y.rawData)) return [x]
    if (x.dataType !== elementTypes.int64) return refuse(`'${name}'`)
    const [values, others] = [x, y].map(({ rawData }) => Array.from(new BigInt64Array(rawData.slice().buffer), Number)) as [
      number[],
      number[]
    ]
    const factors = batchesIn(values, others, sizes, `'${name}'`)
    if (!shapesOnly(name) || factors.filter((factor) => factor > 0).length > 1) {
      lists.list(name, values, factors)
      return []
    }
    const free = BigInt64Array.from(values, (value, at) => BigInt(factors[at]! > 0 ? -1 : value))
    return [{ ...x, rawData: new Uint8Array(free.buffer) }]
  })
  return { ...a, input, output, initializer: [...initializer, ...lists.constants()], node: [...lists.nodes(), ...a.node] }
}
