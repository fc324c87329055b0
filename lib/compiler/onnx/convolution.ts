import { geometryOf } from "../ops/convolution.ts"
import { sizeOf } from "../program.ts"
import type { Graph } from "./graph.ts"
import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

/** Transposes [batch, rows, columns, channels] to ONNX's [batch, channels, rows, columns]. */
const channelsFirst = (x: string, graph: Graph): string => graph.emit("Transpose", [x], { perm: [0, 3, 1, 2] })
const channelsLast = [0, 2, 3, 1]

/** Transposes a filter [rows, columns, in, out] to ONNX's [out, in, rows, columns]. */
const outFirst = (filter: string, graph: Graph): string => graph.emit("Transpose", [filter], { perm: [3, 2, 0, 1] })

const convolve: Lowering = (node, graph) => {
  const [x, filter] = inputNames(node, graph) as [string, string]
  const [image, kernel] = node.inputs.map((input) => graph.type(input).shape) as [readonly number[], readonly number[]]
  const { strides, padding } = geometryOf(image, kernel, node.attributes)
  const made = graph.emit("Conv", [channelsFirst(x, graph), outFirst(filter, graph)], {
    strides,
    pads: [padding.top, padding.left, padding.bottom, padding.right],
    kernel_shape: kernel.slice(0, 2)
  })
  graph.make(node.outputs, "Transpose", [made], { perm: channelsLast })
}

/** Rows and columns at the end of the image that no step of the filter reaches are padded with zeros. */
const transposed: Lowering = (node, graph) => {
  const [dy, filter] = inputNames(node, graph) as [string, string]
  const [image, kernel] = [node.attributes["inputShape"] as readonly number[], graph.type(node.inputs[1]!).shape]
  const { strides, padding, result } = geometryOf(image, kernel, node.attributes)
  const { top, left, bottom, right } = padding
  const unreached = [top + bottom, left + right].map(
    (around, axis) => image[axis + 1]! + around - kernel[axis]! - (result[axis]! - 1) * strides[axis]!
  )
  const made = graph.emit("ConvTranspose", [channelsFirst(dy, graph), outFirst(filter, graph)], {
    strides,
    pads: [top, left, bottom, right],
    output_padding: unreached,
    kernel_shape: kernel.slice(0, 2)
  })
  graph.make(node.outputs, "Transpose", [made], { perm: channelsLast })
}

/**
 * Gradient of the filter as one matrix product: the image patches under each position of the filter, concatenated, by dy. ONNX
 * Runtime takes 2.6 times as long when the same is written as a dilated convolution (3 × 3, 64 channels, 32 × 32).
 */
const ofFilter: Lowering = (node, graph) => {
  const [x, dy] = inputNames(node, graph) as [string, string]
  const [image, kernel] = [graph.type(node.inputs[0]!).shape, node.attributes["filterShape"] as readonly number[]]
  const { strides, padding, result } = geometryOf(image, kernel, node.attributes)
  const { top, left, bottom, right } = padding
  const [rows, columns, ...channels] = kernel as [number, number, number, number]
  const padded = [top, left, bottom, right].every((n) => n === 0)
    ? x
    : graph.emit("Pad", [x, graph.ints([0, top, left, 0, 0, bottom, right, 0]), graph.scalar(0, "float32")])
  const seen = Array.from({ length: rows * columns }, (_, i) => {
    const start = [Math.floor(i / columns), i % columns]
    const end = start.map((from, axis) => from + (result[axis]! - 1) * strides[axis]! + 1)
    return graph.emit("Slice", [padded, graph.ints(start), graph.ints(end), graph.ints([1, 2]), graph.ints(strides)])
  })
  const steps = sizeOf(graph.type(node.inputs[1]!).shape) / channels[1]!
  const all = seen.length === 1 ? seen[0]! : graph.emit("Concat", seen, { axis: 3 })
  const matrix = graph.emit("Reshape", [all, graph.ints([steps, rows * columns * channels[0]!])])
  const gradients = graph.emit("Reshape", [dy, graph.ints([steps, channels[1]!])])
  graph.make(node.outputs, "Reshape", [graph.emit("Gemm", [matrix, gradients], { transA: 1 }), graph.ints(kernel)])
}

/** Lowerings of convolutions, transposed because ONNX Runtime's CPU kernels take [batch, channels, rows, columns]. */
export const convolution = {
  Conv2D: convolve,
  Conv2DBackpropInput: transposed,
  Conv2DBackpropFilter: ofFilter
} satisfies LoweringTable
