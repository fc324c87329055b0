import { freeBatch } from "../compiler/onnx/free-batch.ts"
import { outputName, tensorProto, valueName } from "../compiler/onnx/graph.ts"
import { lowerGraph } from "../compiler/onnx/lower.ts"
import { standardProduct } from "../compiler/onnx/matmul.ts"
import { encodeModel, type GraphProto, type TensorProto, type ValueInfo } from "../compiler/onnx/messages.ts"
import { prepareForOnnx } from "../compiler/onnx/passes.ts"
import { type Program, sizeOf } from "../compiler/program.ts"

/** The numbers of state buffers, by name. */
export interface Buffers {
  readonly [name: string]: Float32Array
}

/** The most bytes that a model in one file can have: what protobuf can say. */
export const mostBytes = 2 ** 31 - 1

const renamed = (graph: GraphProto, names: ReadonlyMap<string, string>): GraphProto => {
  const name = (old: string): string => names.get(old) ?? old
  const info = (value: ValueInfo): ValueInfo => ({ ...value, name: name(value.name) })
  return {
    ...graph,
    node: graph.node.map((node) => ({ ...node, input: node.input.map(name), output: node.output.map(name) })),
    input: graph.input.map(info),
    output: graph.output.map(info)
  }
}

/** A program as a graph that goes by the program's own names, in ops that every runtime has; and its weights. */
const standing = (
  traced: Program,
  buffers: Buffers
): { readonly graph: GraphProto; readonly weights: readonly TensorProto[] } => {
  const program = prepareForOnnx(traced)
  const bytes = program.inputs.reduce((sum, { value }) => sum + 4 * sizeOf(program.values[value]!.shape), 0)
  if (bytes > mostBytes)
    throw new RangeError(`its ${bytes} bytes of parameters are more than the ${mostBytes} that one file can hold`)
  // Those of the trained sets go by their own names, of which a program reads one; a frozen set's name stays before its own.
  const parameterName = ({ name }: Program["inputs"][number]): string => name.replace(/^(?:student|teacher)\//, "")
  const weights = program.inputs.flatMap((input): readonly TensorProto[] => {
    if ("feed" in input.source) return []
    const { shape } = program.values[input.value]!
    const { buffer, offset } = input.source
    const numbers = buffers[buffer]!.subarray(offset, offset + sizeOf(shape))
    return [{ name: parameterName(input), ...tensorProto(numbers, shape, "float32") }]
  })
  const names = new Map<string, string>([
    ...program.inputs.map(
      (input) => [valueName(input.value), "feed" in input.source ? input.name : parameterName(input)] as const
    ),
    ...program.outputs.map(({ name, value }) => [outputName(program, value), name] as const)
  ])
  const graph = renamed(lowerGraph(program, { BatchMatMul: standardProduct }), names)
  const parameters = new Set(weights.map(({ name }) => name))
  return { graph: { ...graph, name: "semmim", input: graph.input.filter(({ name }) => !parameters.has(name)) }, weights }
}

/** An ONNX model, and what it takes and gives. */
export interface OnnxModel extends Pick<GraphProto, "input" | "output"> {
  readonly model: Uint8Array
}

/** Two batch sizes that nothing else in a model is as long as, nor a multiple of it. */
const tracedAt = [1009, 1013] as const

const written = ({ graph, weights }: ReturnType<typeof standing>): OnnxModel => ({
  model: encodeModel({ ...graph, initializer: [...weights, ...graph.initializer] }),
  input: graph.input,
  output: graph.output
})

/**
 * A program as an ONNX model that stands alone, for batches of one size: parameters are initialisers under their own names, inputs
 * and outputs go by the program's names. Throws `UnsupportedOp`, or a `RangeError` for a model too large for one file.
 */
export const fixedOnnxModel = (program: Program, buffers: Buffers): OnnxModel => written(standing(program, buffers))

/** The same for batches of any size; `at` gives the program for a batch. Throws `BatchBound` where its programs differ by more than that. */
export const onnxModel = (at: (batch: number) => Program, buffers: Buffers): OnnxModel => {
  const lowered = (batch: number) => ({ batch, ...standing(at(batch), buffers) })
  const first = lowered(tracedAt[0])
  return written({ graph: freeBatch(first, lowered(tracedAt[1])), weights: first.weights })
}
