import type { decompositions } from "../../tensor/decompose.ts"
import type { LoweringTable } from "./lowering.ts"

const taken = "decompose"

/** Our own kernels are decomposed: XLA fuses the parts. */
export const own = {
  Linear: taken,
  LinearUnbiased: taken,
  LayerNorm: taken,
  LayerNormGrad: taken,
  Gelu: taken,
  GeluGrad: taken,
  Attention: taken,
  AttentionGrad: taken,
  BiasedAttention: taken,
  BiasedAttentionGrad: taken,
  AttentionBiasGrad: taken,
  SoftCrossEntropy: taken,
  SoftCrossEntropyGrad: taken
} satisfies LoweringTable & { readonly [op in keyof typeof decompositions]: "decompose" }
