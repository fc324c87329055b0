import { direct } from "./elementwise.ts"
import { inputNames, type Lowering, type LoweringTable } from "./lowering.ts"

const layerNorm: Lowering = (node, graph) =>
  graph.make(node.outputs, "LayerNormalization", inputNames(node, graph), {
    axis: -1,
    epsilon: { float: node.attributes["epsilon"] as number }
  })

/** Our own kernels: decomposed by `onnxDecompositions`, except those that ONNX Runtime computes faster as one op. */
export const own = {
  Linear: "decompose",
  LinearUnbiased: "decompose",
  LayerNorm: layerNorm,
  LayerNormGrad: "decompose",
  Gelu: direct("Gelu"),
  GeluGrad: "decompose",
  Attention: "decompose",
  AttentionGrad: "decompose",
  BiasedAttention: "decompose",
  BiasedAttentionGrad: "decompose",
  AttentionBiasGrad: "decompose",
  SoftCrossEntropy: "decompose",
  SoftCrossEntropyGrad: "decompose"
} satisfies LoweringTable
