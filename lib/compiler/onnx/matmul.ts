import type { Node } from "../program.ts"
import type { Graph, OnnxAttributes } from "./graph.ts"
import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

const layout = ({ attributes }: Node): OnnxAttributes => ({
  transA: attributes["transposeA"] ? 1 : 0,
  transB: attributes["transposeB"] ? 1 : 0,
  alpha: { float: (attributes["alpha"] as number | undefined) ?? 1 }
})

/** Product of (batches of) matrices, either of which may be transposed. */
const product: Lowering = (node, graph) =>
  graph.make(node.outputs, "FusedMatMul", inputNames(node, graph), layout(node), "com.microsoft")

const transposed = (value: number, name: string, graph: Graph): string => {
  const axes = graph.type(value).shape.map((_, axis) => axis)
  return graph.emit("Transpose", [name], { perm: [...axes.slice(0, -2), axes.length - 1, axes.length - 2] })
}

/** The same product in ops that every ONNX runtime has; ONNX Runtime fuses them. */
export const standardProduct: Lowering = (node, graph) => {
  const { transposeA, transposeB, alpha = 1 } = node.attributes
  const [a, b] = node.inputs.map((value, i) =>
    (i === 0 ? transposeA : transposeB) ? transposed(value, graph.name(value), graph) : graph.name(value)
  ) as [string, string]
  if (alpha === 1) return graph.make(node.outputs, "MatMul", [a, b])
  graph.make(node.outputs, "Mul", [graph.emit("MatMul", [a, b]), graph.scalar(alpha as number, "float32")])
}

const gemm: Lowering = (node, graph) => graph.make(node.outputs, "Gemm", inputNames(node, graph), layout(node))

/** Lowerings of matrix products. */
export const matmul = { BatchMatMul: product, Gemm: gemm, GemmAdd: gemm } satisfies LoweringTable
