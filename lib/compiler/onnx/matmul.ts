import type { Node } from "../program.ts"
import type { OnnxAttributes } from "./graph.ts"
import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

const layout = ({ attributes }: Node): OnnxAttributes => ({
  transA: attributes["transposeA"] ? 1 : 0,
  transB: attributes["transposeB"] ? 1 : 0,
  alpha: { float: (attributes["alpha"] as number | undefined) ?? 1 }
})

/** A product of (stacks of) matrices, either of which may lie transposed. */
const product: Lowering = (node, graph) =>
  graph.make(node.outputs, "FusedMatMul", inputNames(node, graph), layout(node), "com.microsoft")

const gemm: Lowering = (node, graph) => graph.make(node.outputs, "Gemm", inputNames(node, graph), layout(node))

/** Matrix products. */
export const matmul = { BatchMatMul: product, Gemm: gemm, GemmAdd: gemm } satisfies LoweringTable
