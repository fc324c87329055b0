import type * as tf from "@tensorflow/tfjs"
import { engine } from "@tensorflow/tfjs"
import { evaluate, numbersOf, onCpu } from "../../compiler/evaluate.ts"
import { type Program, roots, sizeOf } from "../../compiler/program.ts"
import type { Numbers } from "../engine.ts"

/** Returns, for each node, the values that are last used by it; values that leave the program are kept. */
const lastUses = (program: Program): ReadonlyMap<number, readonly number[]> => {
  const last = new Map<number, number>()
  for (const [i, node] of program.nodes.entries()) {
    for (const output of node.outputs) last.set(output, i)
    for (const input of node.inputs) last.set(input, i)
  }
  for (const root of roots(program)) last.delete(root)
  const at = new Map<number, number[]>()
  for (const [value, i] of last) at.set(i, [...(at.get(i) ?? []), value])
  return at
}

/** Returns the elements of a program's input; the array is read, never changed. */
export type Feed = (input: Program["inputs"][number], size: number) => Numbers

/**
 * Computes a program node by node on tfjs's CPU kernels, and returns a copy of each value that leaves it (outputs and updates),
 * by value number. Values are freed after their last use.
 */
export const interpret = (program: Program, feed: Feed): ReadonlyMap<number, Numbers> =>
  onCpu(() => {
    const tensors = new Map<number, tf.Tensor>()
    for (const input of program.inputs) {
      const { shape, dtype } = program.values[input.value]!
      tensors.set(input.value, engine().makeTensor(feed(input, sizeOf(shape)), [...shape], dtype))
    }
    const freed = lastUses(program)
    for (const [i, node] of program.nodes.entries()) {
      const inputs = node.inputs.map((input) => tensors.get(input)!)
      const types = node.outputs.map((output) => program.values[output]!)
      for (const [k, tensor] of evaluate(node, inputs, types).entries()) tensors.set(node.outputs[k]!, tensor)
      for (const value of freed.get(i) ?? []) {
        tensors.get(value)!.dispose()
        tensors.delete(value)
      }
    }
    return new Map(roots(program).map((value) => [value, numbersOf(tensors.get(value)!, program.values[value]!.dtype)]))
  })
