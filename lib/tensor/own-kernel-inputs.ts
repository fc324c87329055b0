/** Names of the inputs of this project's own kernels, in order. */
export const ownKernelInputs = {
  Linear: ["x", "weight", "bias"],
  LinearUnbiased: ["x", "weight"],
  LayerNorm: ["x", "weight", "bias"],
  LayerNormGrad: ["dy", "x", "weight", "mean", "inverseDeviation"],
  Gelu: ["x"],
  GeluGrad: ["dy", "x"],
  Attention: ["query", "key", "value"],
  AttentionGrad: ["dy", "query", "key", "value", "output"],
  BiasedAttention: ["query", "key", "value", "bias"],
  BiasedAttentionGrad: ["dy", "query", "key", "value", "output", "bias"],
  AttentionBiasGrad: ["dy", "query", "key", "value", "output", "bias"],
  SoftCrossEntropy: ["logits", "targets"],
  SoftCrossEntropyGrad: ["dy", "logits", "targets"]
} as const satisfies { readonly [kernel: string]: readonly string[] }
