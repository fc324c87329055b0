import type { Dtype } from "../../tensor/field.ts"
import type { Attributes, ValueType } from "../program.ts"
import { axesOf, fromZero, type OpSpec, type OpTable } from "./spec.ts"

const reduced = (x: ValueType, axes: readonly number[], keep: boolean): readonly number[] =>
  keep ? x.shape.map((d, i) => (axes.includes(i) ? 1 : d)) : x.shape.filter((_, i) => !axes.includes(i))

const reduction = (dtype?: (x: ValueType) => Dtype): OpSpec => ({
  inputs: ["x"],
  normalise: ([x], a) => ({
    axis: axesOf(a["axis"] ?? a["reductionIndices"], x!.shape.length),
    keepDims: a["keepDims"] === true
  }),
  infer: ([x], a) => [{ shape: reduced(x!, a["axis"] as number[], a["keepDims"] === true), dtype: dtype ? dtype(x!) : x!.dtype }]
})
const last = (_: readonly ValueType[], a: Attributes): Attributes => a

/** Reductions over some axes. */
export const reduce = {
  Sum: reduction((x) => (x.dtype === "bool" ? "int32" : x.dtype)),
  Mean: reduction(() => "float32"),
  Max: reduction(),
  Min: reduction(),
  ArgMax: {
    inputs: ["x"],
    normalise: ([x], a) => ({ axis: fromZero([a["axis"] as number].flat()[0]!, x!.shape.length) }),
    infer: ([x], a) => [{ shape: x!.shape.filter((_, i) => i !== a["axis"]), dtype: "int32" }]
  },
  Softmax: { inputs: ["logits"], normalise: last, infer: ([x]) => [x!] },
  TopK: {
    inputs: ["x"],
    infer: ([x], a) => {
      const shape = [...x!.shape.slice(0, -1), a["k"] as number]
      return [
        { shape, dtype: x!.dtype },
        { shape, dtype: "int32" }
      ]
    }
  }
} satisfies OpTable
