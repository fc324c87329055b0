import { outputName, tensorProto, valueName } from "../compiler/onnx/graph.ts"
import { lowerGraph } from "../compiler/onnx/lower.ts"
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

/**
 * A program as an ONNX model that stands alone: parameters are initialisers under their own names, inputs and outputs go by the
 * program's names. Throws `UnsupportedOp`, or a `RangeError` for a model too large for one file.
 */
export const onnxModel = (traced: Program, buffers: Buffers): Uint8Array => {
  const program = prepareForOnnx(traced)
  const bytes = program.inputs.reduce((sum, { value }) => sum + 4 * sizeOf(program.values[value]!.shape), 0)
  if (bytes > mostBytes)
    throw new RangeError(`its ${bytes} bytes of parameters are more than the ${mostBytes} that one file can hold`)
  const parameterName = (input: Program["inputs"][number]): string => input.name.slice(input.name.indexOf("/") + 1)
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
  const graph = renamed(lowerGraph(program), names)
  const parameters = new Set(weights.map(({ name }) => name))
  return encodeModel({
    ...graph,
    name: "semmim",
    input: graph.input.filter(({ name }) => !parameters.has(name)),
    initializer: [...weights, ...graph.initializer]
  })
}
