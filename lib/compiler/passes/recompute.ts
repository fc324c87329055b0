import type { Node, Program } from "../program.ts"
import { type Pass, rewrite, type Site } from "./rewrite.ts"

/** Ops inside a layer: their results are computed a second time from the layer's input when a gradient needs them. */
const insideLayers = new Set([
  "Linear",
  "LinearUnbiased",
  "LayerNorm",
  "Gelu",
  "Attention",
  "BiasedAttention",
  "Reshape",
  "ExpandDims"
])

/**
 * The attribute of nodes that compute something a second time: it changes nothing but keeps them apart from the nodes that compute it
 * the first time, which would otherwise be one expression with them. Decompositions hand it on.
 */
export const secondTime = { again: true } as const

/** Whether a node's result is worth computing again: some Linear, GELU or attention is on its way from the layer's input. */
const computes = (node: Node | undefined): boolean => node !== undefined && insideLayers.has(node.op) && !node.backward

/** Ops by which gradients of layers read what is inside the layers; the gradient of a loss follows its forward at once. */
const layerGradients = new Set([
  "BatchMatMul",
  "LayerNormGrad",
  "GeluGrad",
  "AttentionGrad",
  "BiasedAttentionGrad",
  "AttentionBiasGrad",
  "Reshape"
])

/**
 * Keeps only what enters each half of a layer (the sums that residual connections make, and embeddings) for the backward pass, and computes
 * the rest again from there: about a third more work for a fraction of the memory (Chen et al. 2016).
 */
export const recompute: Pass = (program: Program) => {
  const copies = new Map<number, number>()
  const copy = (site: Site, value: number): number => {
    const known = copies.get(value)
    if (known !== undefined) return known
    const node = site.producer(value)
    if (!node || !computes(node)) return value
    const inputs = node.inputs.map((input) => copy(site, input))
    const made = site.emit(node.op, inputs, { ...node.attributes, ...secondTime }, false)
    for (const [i, output] of node.outputs.entries()) copies.set(output, made[i]!)
    return copies.get(value)!
  }
  return rewrite(program, (node, site) => {
    if (!node.backward || !layerGradients.has(node.op)) return undefined
    const inputs = node.inputs.map((input) => copy(site, input))
    return inputs.every((input, i) => input === node.inputs[i]) ? undefined : site.emit(node.op, inputs, node.attributes)
  })
}
