import { broadcast } from "../ops/spec.ts"
import type { Node } from "../program.ts"
import { byOp } from "./cleaning.ts"
import { emitSplat, isConstant, rounded, splatOf } from "./constants.ts"
import { type Pass, type Rule, rewrite, type Site } from "./rewrite.ts"
import { sameShape } from "./same-shape.ts"

/** Returns `value` in the shape of a node's output: unchanged, or repeated by a Tile, which its readers may skip. */
const spread = (value: number, node: Node, site: Site): readonly number[] => {
  const { shape } = site.type(value)
  const target = site.type(node.outputs[0]!).shape
  if (sameShape(shape, target)) return [value]
  const padded = [...target.slice(shape.length).map(() => 1), ...shape]
  const [full] = padded.length === shape.length ? [value] : site.emit("Reshape", [value], { shape: padded })
  return site.emit("Tile", [full!], { reps: target.map((d, i) => (padded[i] === d ? 1 : d)) })
}

/** Emits a scalar constant, for readers that broadcast. */
const scalar = (x: number, node: Node, site: Site): number => {
  const { dtype } = site.type(node.outputs[0]!)
  return emitSplat(site, { shape: [], dtype }, rounded(x, dtype))
}

/** Returns the other operand and the constant, where one operand of a node is a scalar constant. */
const withNumber = (node: Node, site: Site): { readonly x: number; readonly c: number; readonly second: boolean } | undefined => {
  const [a, b] = node.inputs as [number, number]
  const right = splatOf(b, site)
  if (right !== undefined) return { x: a, c: right, second: true }
  const left = splatOf(a, site)
  return left === undefined ? undefined : { x: b, c: left, second: false }
}

const sameOutput = (value: number, node: Node, site: Site): boolean =>
  sameShape(site.type(value).shape, site.type(node.outputs[0]!).shape)
const isFloat = (node: Node, site: Site): boolean => site.type(node.outputs[0]!).dtype === "float32"

const multiply: Rule = (node, site) => {
  const [a, b] = node.inputs as [number, number]
  const found = withNumber(node, site)
  if (!found) {
    if (a === b && isFloat(node, site)) return site.emit("Square", [a])
    const [left, right] = [site.producer(a), site.producer(b)]
    if (right?.op === "Reciprocal") return site.emit("RealDiv", [a, right.inputs[0]!])
    if (left?.op === "Reciprocal") return site.emit("RealDiv", [b, left.inputs[0]!])
    return undefined
  }
  const { x, c } = found
  if (c === 1) return spread(x, node, site)
  if (c === 0) return [emitSplat(site, site.type(node.outputs[0]!), 0)]
  if (c === -1 && sameOutput(x, node, site)) return site.emit("Neg", [x])
  const inner = site.producer(x)
  if (inner?.op === "Multiply" && isFloat(node, site)) {
    const before = withNumber(inner, site)
    if (before && sameOutput(before.x, node, site)) return site.emit("Multiply", [before.x, scalar(before.c * c, node, site)])
  }
  if (inner?.op === "Neg" && sameOutput(x, node, site)) return site.emit("Multiply", [inner.inputs[0]!, scalar(-c, node, site)])
  return undefined
}

const divide: Rule = (node, site) => {
  const [a, b] = node.inputs as [number, number]
  if (!isFloat(node, site)) return undefined
  const c = splatOf(b, site)
  if (c !== undefined && c !== 0) {
    const product = site.emit("Multiply", [a, scalar(1 / c, node, site)])
    return sameOutput(product[0]!, node, site) ? product : spread(product[0]!, node, site)
  }
  return splatOf(a, site) === 0 ? [emitSplat(site, site.type(node.outputs[0]!), 0)] : undefined
}

const add: Rule = (node, site) => {
  const found = withNumber(node, site)
  if (found?.c === 0) return spread(found.x, node, site)
  if (found) return undefined
  const [a, b] = node.inputs as [number, number]
  const [left, right] = [site.producer(a), site.producer(b)]
  if (right?.op === "Neg") return site.emit("Sub", [a, right.inputs[0]!])
  if (left?.op === "Neg") return site.emit("Sub", [b, left.inputs[0]!])
  return undefined
}

const subtract: Rule = (node, site) => {
  const found = withNumber(node, site)
  if (found?.c === 0 && found.second) return spread(found.x, node, site)
  if (found?.c === 0 && sameOutput(found.x, node, site)) return site.emit("Neg", [found.x])
  const right = site.producer(node.inputs[1]!)
  return right?.op === "Neg" ? site.emit("Add", [node.inputs[0]!, right.inputs[0]!]) : undefined
}

const negate: Rule = (node, site) => {
  const inner = site.producer(node.inputs[0]!)
  if (inner?.op === "Neg") return inner.inputs
  return inner?.op === "Sub" && site.uses(node.inputs[0]!) === 1 ? site.emit("Sub", inner.inputs.toReversed()) : undefined
}

const power: Rule = (node, site) => {
  const exponent = splatOf(node.inputs[1]!, site)
  const x = node.inputs[0]!
  if (exponent === 1) return spread(x, node, site)
  if (exponent === 2) return site.emit("Square", [x])
  return exponent === 0.5 && isFloat(node, site) ? site.emit("Sqrt", [x]) : undefined
}

const reciprocal: Rule = (node, site) => {
  const inner = site.producer(node.inputs[0]!)
  return inner?.op === "Sqrt" && site.uses(node.inputs[0]!) === 1 ? site.emit("Rsqrt", inner.inputs) : undefined
}

/** Drops inputs that are 0 everywhere from a sum, where another one has the sum's shape. */
const sum: Rule = (node, site) => {
  const kept = node.inputs.filter((input) => splatOf(input, site) !== 0)
  if (kept.length === node.inputs.length) return undefined
  if (kept.length === 0) return [node.inputs[0]!]
  return kept.length === 1 ? kept : site.emit("AddN", kept)
}

const selection: Rule = (node, site) => {
  const [condition, yes, no] = node.inputs as [number, number, number]
  const known = splatOf(condition, site)
  if (known === undefined) return yes === no ? spread(yes, node, site) : undefined
  return spread(known ? yes : no, node, site)
}

const rules: { readonly [op: string]: Rule } = {
  Multiply: multiply,
  RealDiv: divide,
  Add: add,
  Sub: subtract,
  Neg: negate,
  Pow: power,
  Reciprocal: reciprocal,
  AddN: sum,
  Select: selection
}

const broadcasting = new Set([
  "Add",
  "Sub",
  "Multiply",
  "RealDiv",
  "Maximum",
  "Minimum",
  "SquaredDifference",
  "Pow",
  "Equal",
  "NotEqual",
  "Less",
  "LessEqual",
  "Greater",
  "GreaterEqual",
  "LogicalAnd",
  "LogicalOr",
  "Select"
])

/**
 * Returns what a reader that broadcasts may read instead: the input of a Tile along axes of size 1, or a constant as a scalar.
 */
const narrower = (value: number, site: Site): number | undefined => {
  const made = site.producer(value)
  if (made?.op === "Tile") {
    const shape = site.type(made.inputs[0]!).shape
    const reps = made.attributes["reps"] as readonly number[]
    return reps.every((n, i) => n === 1 || shape[i] === 1) ? made.inputs[0] : undefined
  }
  const { shape, dtype } = site.type(value)
  const number = shape.length > 0 && isConstant(value, site) ? splatOf(value, site) : undefined
  return number === undefined ? undefined : emitSplat(site, { shape: [], dtype }, number)
}

/** Replaces reads of tiled values and of full constants by reads of what they repeat, where the output keeps its shape. */
const narrow: Rule = (node, site) => {
  if (!broadcasting.has(node.op)) return undefined
  const target = site.type(node.outputs[0]!).shape
  const inputs = [...node.inputs]
  for (const [i, input] of node.inputs.entries()) {
    const instead = narrower(input, site)
    if (instead === undefined) continue
    const shapes = inputs.map((other, j) => site.type(i === j ? instead : other).shape)
    if (sameShape(shapes.reduce(broadcast), target)) inputs[i] = instead
  }
  return sameShape(inputs, node.inputs) ? undefined : site.emit(node.op, inputs, node.attributes)
}

const simplify = byOp(rules)

/**
 * Simplifies arithmetic that needs no computation: x·1, x+0, −−x, chains of scales, and repetition where the reader broadcasts.
 */
export const algebra: Pass = (program) => rewrite(rewrite(program, narrow), simplify)
