import type * as tf from "@tensorflow/tfjs"
import type { Tracer } from "../compiler/trace.ts"
import type { Parameters } from "../pipeline/stage.ts"
import type { Layout, SetLayout, Slot } from "./layout.ts"

/** Creates the input of a traced program that is a parameter's window of a flat buffer, named `buffer/parameter`. */
export const parameterWindow = (t: Tracer, buffer: string, slot: Slot): tf.Tensor =>
  t.input(`${buffer}/${slot.name}`, slot.shape, "float32", { buffer, offset: slot.offset })

/** Returns parameters by name from a map; `what` describes them in the error for an unknown name. */
export const lookup =
  (what: string, tensors: ReadonlyMap<string, tf.Tensor>): Parameters =>
  (name) => {
    const tensor = tensors.get(name)
    if (!tensor) throw new Error(`there is no ${what} parameter '${name}'`)
    return tensor
  }

/** Returns a set's parameters as inputs, by name. */
export const setInputs = (t: Tracer, set: SetLayout | undefined): ReadonlyMap<string, tf.Tensor> =>
  new Map(set?.slots.map((slot) => [slot.name, parameterWindow(t, set.buffer, slot)]))

/** Returns the frozen sets' parameters as inputs, for `forward`. */
export const frozenInputs = (t: Tracer, { sets }: Layout): ((set: string) => Parameters) => {
  const fixed = new Map(sets.flatMap((set) => (set.role === "fixed" ? [[set.name, setInputs(t, set)] as const] : [])))
  return (set) => lookup(`'${set}'`, fixed.get(set) ?? new Map())
}
