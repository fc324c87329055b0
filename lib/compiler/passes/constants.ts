import { literalOf } from "../ops/shape.ts"
import { type Node, sizeOf, type ValueType } from "../program.ts"
import type { Site } from "./rewrite.ts"

/** Returns the number that all elements of a value are known to equal, or undefined. */
export const splatOf = (value: number, site: Site): number | undefined => {
  const node = site.producer(value)
  if (node?.op !== "Constant") return undefined
  const literal = literalOf(node.attributes)
  if ("splat" in literal) return literal.splat
  return literal.values.length === 1 ? literal.values[0] : undefined
}

/** True where a value is a constant of any kind. */
export const isConstant = (value: number, site: Site): boolean => site.producer(value)?.op === "Constant"

/** Adds a constant whose elements all equal one number. */
export const emitSplat = (site: Site, type: ValueType, splat: number): number =>
  site.emit("Constant", [], { shape: type.shape, dtype: type.dtype, literal: { splat } })[0]!

/** Returns a number as a dtype stores it. */
export const rounded = (x: number, dtype: ValueType["dtype"]): number =>
  dtype === "float32" ? Math.fround(x) : dtype === "int32" ? Math.trunc(x) : x ? 1 : 0

/** Returns the number of elements of all outputs of a node. */
export const outputSize = (node: Node, site: Site): number =>
  node.outputs.reduce((total, output) => total + sizeOf(site.type(output).shape), 0)
