import { ownKernelInputs as names } from "../../tensor/own-kernel-inputs.ts"
import type { ValueType } from "../program.ts"
import type { OpSpec, OpTable } from "./spec.ts"

const linear: OpSpec["infer"] = ([x, w]) => {
  if (x!.shape.at(-1) !== w!.shape[1]) throw new Error(`linear of [${x!.shape}] with a weight [${w!.shape}]`)
  return [{ shape: [...x!.shape.slice(0, -1), w!.shape[0]!], dtype: "float32" }]
}

const fitsScores = ({ shape }: ValueType, scores: readonly number[]): void => {
  const four = shape.length === 2 ? [shape[0]!, 1, 1, shape[1]!] : shape
  const fits = four.length === 4 && four.every((size, axis) => size === scores[axis] || (size === 1 && axis < 3))
  if (!fits) throw new Error(`attention with scores [${scores}] and a bias [${shape}]`)
}

/**
 * This project's own kernels, with gradients (lib/tensor): they cannot be recognised in a traced program, since the backward pass
 * reads their intermediates. Each target keeps them whole or decomposes them.
 */
export const own = {
  /** y = x wᵀ + b over the last axis; w is [out, in]. */
  Linear: { inputs: names.Linear, infer: linear },
  LinearUnbiased: { inputs: names.LinearUnbiased, infer: linear },
  LayerNorm: {
    inputs: names.LayerNorm,
    infer: ([x]) => {
      const statistics = { shape: [...x!.shape.slice(0, -1), 1], dtype: "float32" } as const
      return [x!, statistics, statistics]
    }
  },
  LayerNormGrad: { inputs: names.LayerNormGrad, infer: ([, x, weight]) => [x!, weight!, weight!] },
  Gelu: { inputs: names.Gelu, infer: ([x]) => [x!] },
  GeluGrad: { inputs: names.GeluGrad, infer: ([, x]) => [x!] },
  /**
   * Heads are slices of the last axis; the biased variant adds `bias` to the scores: [batch, keys], or [batch, heads, queries,
   * keys], 1 for any of the first three.
   */
  Attention: { inputs: names.Attention, infer: ([query]) => [query!] },
  AttentionGrad: { inputs: names.AttentionGrad, infer: ([, query, key, value]) => [query!, key!, value!] },
  BiasedAttention: {
    inputs: names.BiasedAttention,
    infer: ([query, key, , bias], { heads }) => {
      fitsScores(bias!, [query!.shape[0]!, heads as number, query!.shape[1]!, key!.shape[1]!])
      return [query!]
    }
  },
  BiasedAttentionGrad: {
    inputs: names.BiasedAttentionGrad,
    infer: ([, query, key, value]) => [query!, key!, value!]
  },
  AttentionBiasGrad: { inputs: names.AttentionBiasGrad, infer: ([, , , , , bias]) => [bias!] },
  /** Per row −Σ q log softmax(logits); rows of q sum to 1. */
  SoftCrossEntropy: { inputs: names.SoftCrossEntropy, infer: ([logits]) => [{ shape: [logits!.shape[0]!], dtype: "float32" }] },
  SoftCrossEntropyGrad: { inputs: names.SoftCrossEntropyGrad, infer: ([, logits]) => [logits!] }
} satisfies OpTable
