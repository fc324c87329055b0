import { sizeOf } from "../program.ts"
import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

/** One Gemm on rows: the bias comes with it, and reshapes are free. */
const linear: Lowering = (node, graph) => {
  const [x, ...rest] = inputNames(node, graph) as [string, ...string[]]
  const { shape } = graph.type(node.inputs[0]!)
  const made = graph.type(node.outputs[0]!).shape
  const rows = sizeOf(shape.slice(0, -1))
  if (shape.length === 2) return graph.make(node.outputs, "Gemm", [x, ...rest], { transB: 1 })
  const flat = graph.emit("Reshape", [x, graph.ints([rows, shape.at(-1)!])])
  graph.make(node.outputs, "Reshape", [graph.emit("Gemm", [flat, ...rest], { transB: 1 }), graph.ints(made)])
}

/** Our own kernels: taken apart, but for those that ONNX Runtime computes faster whole. */
export const own = {
  Linear: linear,
  LinearUnbiased: linear,
  LayerNorm: "decompose",
  LayerNormGrad: "decompose",
  Gelu: "decompose",
  GeluGrad: "decompose",
  Attention: "decompose",
  AttentionGrad: "decompose",
  MaskedAttention: "decompose",
  MaskedAttentionGrad: "decompose",
  SoftCrossEntropy: "decompose",
  SoftCrossEntropyGrad: "decompose"
} satisfies LoweringTable
