import * as tf from "@tensorflow/tfjs"
import { installGradients } from "../tensor/gradients.ts"
import { fusedKernels } from "./fused-kernels.ts"
import { literalOf } from "./ops/shape.ts"
import { opSpec } from "./ops/table.ts"
import { type Node, sizeOf, type ValueType } from "./program.ts"

/** Elements in the arrays that tfjs's CPU backend keeps them in. */
export type Numbers = Float32Array | Int32Array | Uint8Array

/** Returns an array of `size` zeros for a dtype. */
export const numbers = (dtype: ValueType["dtype"], size: number): Numbers =>
  dtype === "float32" ? new Float32Array(size) : dtype === "int32" ? new Int32Array(size) : new Uint8Array(size)

/** Runs code with tfjs's CPU backend as the current one, inside a tidy scope; restores the previous backend afterwards. */
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

/** Returns a copy of a tensor's elements in the array of its dtype: tfjs's Cast may leave an Int32Array behind a float tensor. */
export const numbersOf = (tensor: tf.Tensor, dtype: ValueType["dtype"]): Numbers => {
  const found = tensor.dataSync()
  const own = numbers(dtype, found.length)
  own.set(found)
  return own
}

/** Inputs in the form that tfjs's kernels expect: its Select, unlike ours, does not broadcast. */
const prepared = (node: Node, inputs: readonly tf.Tensor[], type: ValueType): readonly tf.Tensor[] =>
  node.op === "Select" ? inputs.map((input) => tf.broadcastTo(input, [...type.shape])) : inputs

/**
 * Computes one node on tfjs's CPU kernels (our own ops by their decompositions); must be called inside `onCpu`. `types` are the
 * types of its outputs.
 */
export const evaluate = (node: Node, inputs: readonly tf.Tensor[], types: readonly ValueType[]): readonly tf.Tensor[] => {
  if (node.op === "Constant") return [constant(types[0]!, node)]
  const kernel = fusedKernels[node.op]
  if (kernel) return [kernel(inputs, node.attributes)]
  const names = opSpec(node.op)!.inputs
  const tensors = prepared(node, inputs, types[0]!)
  const given = names === "list" ? tensors : Object.fromEntries(names.map((name, i) => [name, tensors[i]!]))
  // tfjs has two names for the axes of its reductions
  const attributes = node.op === "Max" ? { ...node.attributes, reductionIndices: node.attributes["axis"] } : node.attributes
  const made = [
    tf.engine().runKernel(node.op, given as tf.NamedTensorMap, attributes as unknown as tf.NamedAttrMap)
  ].flat() as tf.Tensor[]
  const alpha = node.op === "BatchMatMul" ? ((node.attributes["alpha"] as number | undefined) ?? 1) : 1
  return alpha === 1 ? made : [tf.mul(made[0]!, alpha)]
}
