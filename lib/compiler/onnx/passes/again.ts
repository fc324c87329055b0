import * as tf from "@tensorflow/tfjs"
import { inline, traced } from "../../passes/decompose.ts"
import { type Pass, rewrite, type Site } from "../../passes/rewrite.ts"
import type { Node } from "../../program.ts"

/** √2 gelu(√2 u), in the terms that the gradient of GELU computes too. */
const scaledGelu = (site: Site, x: number): number => {
  const program = traced(
    ([x]) => {
      const u = tf.mul(x!, Math.SQRT1_2)
      return [tf.mul(u, tf.add(tf.erf(u), 1))]
    },
    [site.type(x)],
    {}
  )
  return inline(program, [x], site, { back: false })[0]!
}

const scaledBy = (site: Site, value: number, c: number): number => {
  const factor = site.emit("Constant", [], { shape: [], dtype: "float32", literal: { splat: Math.fround(c) } }, false)
  return site.emit("Multiply", [value, factor[0]!], {}, false)[0]!
}

const normalised = (site: Site, node: Node): number => {
  const [x, weight, bias] = node.inputs as [number, number, number]
  const [, mean, inverse] = node.outputs as [number, number, number]
  const width = site.type(x).shape.at(-1)!
  const program = traced(
    ([x, w, b, mean, inverse]) => {
      const rows = (t: tf.Tensor, n: number): tf.Tensor => tf.reshape(t, [-1, n])
      const normal = tf.mul(tf.sub(rows(x!, width), rows(mean!, 1)), rows(inverse!, 1))
      return [tf.reshape(tf.add(tf.mul(normal, w!), b!), x!.shape)]
    },
    [x, weight, bias, mean, inverse].map(site.type),
    {}
  )
  return inline(program, [x, weight, bias, mean, inverse], site, { back: false })[0]!
}

/** What an op's result is computed from a second time, in terms that the way back has anyway; undefined for ops that are kept. */
const again = (site: Site, value: number): number | undefined => {
  const made = site.producer(value)
  if (made?.backward) return undefined
  if (made?.op === "Gelu") return scaledBy(site, scaledGelu(site, made.inputs[0]!), Math.SQRT1_2)
  if (made?.op === "LayerNorm" && made.outputs[0] === value) return normalised(site, made)
  if (made?.op !== "Reshape") return undefined
  const inner = again(site, made.inputs[0]!)
  return inner === undefined ? undefined : site.emit("Reshape", [inner], made.attributes, false)[0]!
}

/**
 * Where the way back reads the result of a GELU or a LayerNorm, it is computed once more from what their own gradients keep:
 * cheaper than keeping it, and ONNX Runtime's own kernels of the way there are not merged with it.
 */
export const computeAgain: Pass = (program) =>
  rewrite(program, (node, site) => {
    if (!node.backward) return undefined
    const inputs = node.inputs.map((input) => again(site, input) ?? input)
    if (inputs.every((input, i) => input === node.inputs[i])) return undefined
    return site.emit(node.op, inputs, node.attributes)
  })
