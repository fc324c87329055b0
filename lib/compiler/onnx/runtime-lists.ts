import { attributeProto, tensorProto } from "./graph.ts"
import type { NodeProto, TensorProto } from "./messages.ts"

/** Lists of integers that are computed at run time from the batch size. */
export interface RuntimeLists {
  /** Defines a named list: element `i` is `values[i]`, or `factors[i]` times the batch size where that is not 0. */
  readonly list: (name: string, values: readonly number[], factors: readonly number[]) => void
  /** Defines a named tensor that expands another to such a shape. */
  readonly stretch: (name: string, from: string, shape: readonly number[], factors: readonly number[]) => void
  readonly nodes: () => readonly NodeProto[]
  readonly constants: () => readonly TensorProto[]
}

const size = "batch.size"

/** Returns the builder of such lists; the batch size is the length of an input's axis. */
export const runtimeLists = ({ input, axis }: { readonly input: string; readonly axis: number }): RuntimeLists => {
  const nodes: NodeProto[] = []
  const constants: TensorProto[] = []
  const add = (opType: string, inputs: readonly string[], output: string, attributes: { readonly [name: string]: number }) =>
    nodes.push({
      name: `batch/${output}`,
      opType,
      input: inputs,
      output: [output],
      attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value))
    })
  const constant = (name: string, value: number): string => {
    constants.push({ name, ...tensorProto([value], [1], "int64") })
    return name
  }
  const list: RuntimeLists["list"] = (name, values, factors) => {
    if (nodes.length === 0) add("Shape", [input], size, { start: axis, end: axis + 1 })
    const parts = factors.map((factor, i) => {
      if (factor === 0) return constant(`${name}.${i}`, values[i]!)
      if (factor === 1) return size
      add("Mul", [size, constant(`${name}.${i}`, factor)], `${name}.batches${i}`, {})
      return `${name}.batches${i}`
    })
    add("Concat", parts, name, { axis: 0 })
  }
  return {
    list,
    stretch: (name, from, shape, factors) => {
      list(`${name}.shape`, shape, factors)
      add("Expand", [from, `${name}.shape`], name, {})
    },
    nodes: () => nodes,
    constants: () => constants
  }
}
