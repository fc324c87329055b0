import type { Node } from "../program.ts"
import { type Pass, type Rule, rewrite } from "./rewrite.ts"
import { sameShape } from "./same-shape.ts"

const inputTyped: Rule = (node, site) => (site.type(node.inputs[0]!).dtype === node.attributes["dtype"] ? node.inputs : undefined)

/** Removes a cast to the same dtype, and skips an intermediate cast of a bool. */
const cast: Rule = (node, site) => {
  const same = inputTyped(node, site)
  if (same) return same
  const before = site.producer(node.inputs[0]!)
  // bool → number → anything is bool → anything
  return before?.op === "Cast" && site.type(before.inputs[0]!).dtype === "bool" && node.attributes["dtype"] !== "bool"
    ? site.emit("Cast", before.inputs, node.attributes)
    : undefined
}

/** Reshapes a value to a shape: in no step, or in one step from where the elements were computed. */
const reshape: Rule = (node, site) => {
  const shape = site.type(node.outputs[0]!).shape
  let from = node.inputs[0]!
  for (let made = site.producer(from); made?.op === "Reshape"; made = site.producer(from)) from = made.inputs[0]!
  if (sameShape(site.type(from).shape, shape)) return [from]
  return node.op === "Reshape" && from === node.inputs[0] ? undefined : site.emit("Reshape", [from], { shape })
}

/** True where a transpose moves only axes of size 1, which leaves the elements in their order. */
const keepsOrder = (shape: readonly number[], perm: readonly number[]): boolean => {
  const moved = perm.filter((axis) => shape[axis] !== 1)
  return moved.every((axis, i) => i === 0 || moved[i - 1]! < axis)
}

const transpose: Rule = (node, site) => {
  const perm = node.attributes["perm"] as readonly number[]
  const shape = site.type(node.inputs[0]!).shape
  if (perm.every((axis, i) => axis === i)) return node.inputs
  if (keepsOrder(shape, perm)) return site.emit("Reshape", node.inputs, { shape: site.type(node.outputs[0]!).shape })
  const before = site.producer(node.inputs[0]!)
  if (before?.op !== "Transpose") return undefined
  const first = before.attributes["perm"] as readonly number[]
  const both = perm.map((axis) => first[axis]!)
  return both.every((axis, i) => axis === i) ? before.inputs : site.emit("Transpose", before.inputs, { perm: both })
}

const slice: Rule = (node, site) => {
  const size = node.attributes["size"] as readonly number[]
  if (sameShape(size, site.type(node.inputs[0]!).shape)) return node.inputs
  const begin = node.attributes["begin"] as readonly number[]
  const before = site.producer(node.inputs[0]!)
  if (before?.op !== "Slice") return undefined
  const first = before.attributes["begin"] as readonly number[]
  return site.emit("Slice", before.inputs, { begin: begin.map((at, i) => at + first[i]!), size })
}

const pad: Rule = (node) =>
  (node.attributes["paddings"] as readonly (readonly number[])[]).every(([a, b]) => a === 0 && b === 0) ? node.inputs : undefined
const single: Rule = (node) => (node.inputs.length === 1 ? node.inputs : undefined)
const same: Rule = (node) => node.inputs
const noAxes: Rule = (node, site) =>
  (node.attributes["axis"] as readonly number[]).length === 0 &&
  site.type(node.inputs[0]!).dtype === site.type(node.outputs[0]!).dtype
    ? node.inputs
    : undefined
const pack: Rule = (node, site) => {
  const axis = node.attributes["axis"] as number
  const parts = node.inputs.map(
    (input) => site.emit("Reshape", [input], { shape: site.type(input).shape.toSpliced(axis, 0, 1) })[0]!
  )
  return site.emit("Concat", parts, { axis })
}
const tile: Rule = (node) => ((node.attributes["reps"] as readonly number[]).every((n) => n === 1) ? node.inputs : undefined)

/** Rules by op, for ops that have no effect or that a simpler op can replace. */
export const cleaningRules: { readonly [op: string]: Rule } = {
  Identity: same,
  Cast: cast,
  Reshape: reshape,
  ExpandDims: reshape,
  Transpose: transpose,
  Slice: slice,
  PadV2: pad,
  Tile: tile,
  Concat: single,
  AddN: single,
  Sum: noAxes,
  Mean: noAxes,
  Max: noAxes,
  Min: noAxes,
  Pack: pack
}

/** Combines rules by op into one rule. */
export const byOp =
  (rules: { readonly [op: string]: Rule }): Rule =>
  (node: Node, site) =>
    rules[node.op]?.(node, site)

/** Removes identities, casts to the same dtype, and chains of reshapes, transposes and slices. */
export const cleaning: Pass = (program) => rewrite(program, byOp(cleaningRules))
