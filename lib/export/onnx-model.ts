import { freeBatch } from "../compiler/onnx/free-batch.ts"
import { outputName, tensorProto, valueName } from "../compiler/onnx/graph.ts"
import { lowerGraph } from "../compiler/onnx/lower.ts"
import { standardProduct } from "../compiler/onnx/matmul.ts"
import { encodeModel, type GraphProto, type TensorProto, type ValueInfo } from "../compiler/onnx/messages.ts"
import { prepareForOnnx } from "../compiler/onnx/passes.ts"
import { type Program, sizeOf } from "../compiler/program.ts"

/** Contents of state buffers, by name. */
export interface Buffers {
  readonly [name: string]: Float32Array
}

/** Maximum number of bytes of a model in one file: the limit of protobuf. */
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

/** Lowers a program to a graph with the program's own names, in ops that every runtime supports; also returns its weights. */
const standing = (
  traced: Program,
  buffers: Buffers
): { readonly graph: GraphProto; readonly weights: readonly TensorProto[] } => {
  const program = prepareForOnnx(traced)
  const bytes = program.inputs.reduce((sum, { value }) => sum + 4 * sizeOf(program.values[value]!.shape), 0)
  if (bytes > mostBytes)
    throw new RangeError(`its ${bytes} bytes of parameters are more than the ${mostBytes} that one file can hold`)
  // Parameters of the trained sets are named without their set, since a program reads only one; those of a frozen set keep its
  // name as a prefix.
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

/** An ONNX model, and its inputs and outputs. */
export interface OnnxModel extends Pick<GraphProto, "input" | "output"> {
  readonly model: Uint8Array
}

/** Two batch sizes that equal no other length in a model, nor a multiple of one. */
const tracedAt = [1009, 1013] as const

const written = ({ graph, weights }: ReturnType<typeof standing>): OnnxModel => ({
  model: encodeModel({ ...graph, initializer: [...weights, ...graph.initializer] }),
  input: graph.input,
  output: graph.output
})

/**
 * Converts a program to a self-contained ONNX model for one batch size: parameters are initialisers under their own names, inputs
 * and outputs have the program's names. Throws `UnsupportedOp`, or a `RangeError` for a model too large for one file.
 */
export const fixedOnnxModel = (program: Program, buffers: Buffers): OnnxModel => written(standing(program, buffers))

/**
 * Converts a program to an ONNX model for batches of any size; `at` returns the program for a batch size. Throws `BatchBound`
 * where its programs differ by more than that.
 */
export const onnxModel = (at: (batch: number) => Program, buffers: Buffers): OnnxModel => {
  const lowered = (batch: number) => ({ batch, ...standing(at(batch), buffers) })
  const first = lowered(tracedAt[0])
  return written({ graph: freeBatch(first, lowered(tracedAt[1])), weights: first.weights })
}
