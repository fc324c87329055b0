import * as tf from "@tensorflow/tfjs"
import type { Decomposition } from "../../../tensor/decompose.ts"
import { type Inliner, inliner } from "../../passes/decompose.ts"
import { type Pass, rewrite, type Site } from "../../passes/rewrite.ts"

/** gelu x = (√2 u (1 + erf u)) / √2 with u = x/√2, in subexpressions that the gradient of GELU computes too. */
const gelu: Decomposition = ([x]) => {
  const u = tf.mul(x!, Math.SQRT1_2)
  return [tf.mul(tf.mul(u, tf.add(tf.erf(u), 1)), Math.SQRT1_2)]
}

/** LayerNorm in subexpressions that its gradient computes too: the normalised rows. */
const layerNorm: Decomposition = ([x, weight, bias, mean, inverse]) => {
  const rows = (t: tf.Tensor, n: number): tf.Tensor => tf.reshape(t, [-1, n])
  const normal = tf.mul(tf.sub(rows(x!, x!.shape.at(-1)!), rows(mean!, 1)), rows(inverse!, 1))
  return [tf.reshape(tf.add(tf.mul(normal, weight!), bias!), x!.shape)]
}

/**
 * Returns an op's result recomputed from subexpressions that the backward pass has anyway; undefined for ops whose result is
 * kept.
 */
const recomputedValue = (site: Site, inline: Inliner, value: number): number | undefined => {
  const made = site.producer(value)
  if (!made || made.backward) return undefined
  if (made.op === "Gelu") return inline("gelu", gelu, made.inputs, {}, site, { back: false })[0]!
  if (made.op === "LayerNorm" && made.outputs[0] === value)
    return inline("layerNorm", layerNorm, [...made.inputs, ...made.outputs.slice(1)], {}, site, { back: false })[0]!
  if (made.op !== "Reshape") return undefined
  const inner = recomputedValue(site, inline, made.inputs[0]!)
  return inner === undefined ? undefined : site.emit("Reshape", [inner], made.attributes, false)[0]!
}

/**
 * Recomputes the result of a GELU or a LayerNorm, where the backward pass reads it, from what their gradients keep: cheaper than
 * keeping the result, and ONNX Runtime's own kernels in the forward pass stay whole.
 */
export const recomputed: Pass = (program) => {
  const inline = inliner()
  return rewrite(program, (node, site) => {
    if (!node.backward) return undefined
    const inputs = node.inputs.map((input) => recomputedValue(site, inline, input) ?? input)
    if (inputs.every((input, i) => input === node.inputs[i])) return undefined
    return site.emit(node.op, inputs, node.attributes)
  })
}
