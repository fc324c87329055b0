import * as tf from "@tensorflow/tfjs"
import { installGradients } from "../tensor/gradients.ts"
import { fusedKernels } from "./fused-kernels.ts"
import { literalOf } from "./ops/shape.ts"
import { opSpec } from "./ops/table.ts"
import { type Node, sizeOf, type ValueType } from "./program.ts"

/** Numbers as tfjs's CPU backend keeps them. */
export type Numbers = Float32Array | Int32Array | Uint8Array

/** An empty array for a number of values of a type. */
export const numbers = (dtype: ValueType["dtype"], size: number): Numbers =>
  dtype === "float32" ? new Float32Array(size) : dtype === "int32" ? new Int32Array(size) : new Uint8Array(size)

/** Runs code with tfjs's CPU backend as the current one, in a scope that disposes what is left behind; the backend before it comes back. */
export const onCpu = <A>(f: () => A): A => {
  installGradients()
  const before = tf.getBackend()
  tf.setBackend("cpu")
  tf.engine().startScope("evaluate")
  try {
    return f()
  } finally {
    tf.engine().endScope()
    if (before) tf.setBackend(before)
  }
}

const constant = (type: ValueType, node: Node): tf.Tensor => {
  const literal = literalOf(node.attributes)
  const values = "values" in literal ? literal.values : numbers(type.dtype, sizeOf(type.shape)).fill(literal.splat)
  return tf.engine().makeTensor(values, [...type.shape], type.dtype)
}

/** A copy of a tensor's numbers, in the array of its type: a cast of tfjs's may leave an Int32Array to a float tensor. */
export const numbersOf = (tensor: tf.Tensor, dtype: ValueType["dtype"]): Numbers => {
  const found = tensor.dataSync()
  const own = numbers(dtype, found.length)
  own.set(found)
  return own
}

/** Inputs as tfjs's kernels want them: its Select, unlike ours, does not broadcast. */
const prepared = (node: Node, inputs: readonly tf.Tensor[], type: ValueType): readonly tf.Tensor[] =>
  node.op === "Select" ? inputs.map((input) => tf.broadcastTo(input, [...type.shape])) : inputs

/**
 * Computes one node on tfjs's CPU kernels (our own ops by their decompositions); call it inside `onCpu`.
 * `types` are those of its outputs.
 */
export const evaluate = (node: Node, inputs: readonly tf.Tensor[], types: readonly ValueType[]): readonly tf.Tensor[] => {
  if (node.op === "Constant") return [constant(types[0]!, node)]
  const kernel = fusedKernels[node.op]
  if (kernel) return [kernel(inputs, node.attributes)]
  const names = opSpec(node.op)!.inputs
  const tensors = prepared(node, inputs, types[0]!)
  const given = names === "list" ? tensors : Object.fromEntries(names.map((name, i) => [name, tensors[i]!]))
  // tfjs names the axes of its reductions in two ways
  const attributes = node.op === "Max" ? { ...node.attributes, reductionIndices: node.attributes["axis"] } : node.attributes
  const made = [
    tf.engine().runKernel(node.op, given as tf.NamedTensorMap, attributes as unknown as tf.NamedAttrMap)
  ].flat() as tf.Tensor[]
  const alpha = node.op === "BatchMatMul" ? ((node.attributes["alpha"] as number | undefined) ?? 1) : 1
  return alpha === 1 ? made : [tf.mul(made[0]!, alpha)]
}
