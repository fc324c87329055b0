import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

/** A product of (stacks of) matrices, either of which may lie transposed. */
const product: Lowering = (node, graph) =>
  graph.make(
    node.outputs,
    "FusedMatMul",
    inputNames(node, graph),
    { transA: node.attributes["transposeA"] ? 1 : 0, transB: node.attributes["transposeB"] ? 1 : 0, alpha: { float: 1 } },
    "com.microsoft"
  )

/** Matrix products. */
export const matmul = { BatchMatMul: product } satisfies LoweringTable
