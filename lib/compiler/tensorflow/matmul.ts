import type { Node } from "../program.ts"
import { attr, castIn, type Graph } from "./graph.ts"
import { inputNames, type Lowering, type LoweringOptions, type LoweringTable } from "./lowering.ts"

/** Product of (batches of) matrices. */
const multiply = (node: Node, a: string, b: string, graph: Graph, { compute }: LoweringOptions): string => {
  const layout = {
    adj_x: attr.bool(node.attributes["transposeA"] === true),
    adj_y: attr.bool(node.attributes["transposeB"] === true)
  }
  if (compute === "float32") return graph.emit("BatchMatMulV2", [a, b], { T: attr.type("float32"), ...layout })
  const rounded = (x: string): string => castIn(graph, x, "float32", "bfloat16")
  if (compute === "autocast") {
    const made = graph.emit("BatchMatMulV2", [rounded(a), rounded(b)], { T: attr.type("bfloat16"), ...layout })
    return castIn(graph, made, "bfloat16", "float32")
  }
  return graph.emit("BatchMatMulV3", [rounded(a), rounded(b)], {
    Ta: attr.type("bfloat16"),
    Tb: attr.type("bfloat16"),
    Tout: attr.type("float32"),
    ...layout
  })
}

/** alpha · a b, plus c where it is given. */
const product: Lowering = (node, graph, options) => {
  const [a, b, c] = inputNames(node, graph) as [string, string, string | undefined]
  const float = { T: attr.type("float32") }
  const made = multiply(node, a, b, graph, options)
  const alpha = (node.attributes["alpha"] as number | undefined) ?? 1
  const scaled = alpha === 1 ? made : graph.emit("Mul", [made, graph.scalar(alpha, "float32")], float)
  return [c === undefined ? scaled : graph.emit("AddV2", [scaled, c], float)]
}

/** Lowerings of matrix products. */
export const matmul = { BatchMatMul: product, Gemm: product, GemmAdd: product } satisfies LoweringTable
