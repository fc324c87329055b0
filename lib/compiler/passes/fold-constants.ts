import { evaluate, type Numbers, numbersOf, onCpu } from "../evaluate.ts"
import { elementwise } from "../ops/elementwise.ts"
import { literalOf } from "../ops/shape.ts"
import { type Literal, type Node, sizeOf, type ValueType } from "../program.ts"
import { emitSplat, isConstant, outputSize, rounded, splatOf } from "./constants.ts"
import { type Pass, type Rule, rewrite, type Site } from "./rewrite.ts"

/** Results of more elements are not folded: a constant takes memory in the program. */
const largest = 1 << 14

/** Ops that only move elements: on equal elements they return equal elements. */
const moving = new Set([
  "Reshape",
  "ExpandDims",
  "Transpose",
  "Slice",
  "Tile",
  "Identity",
  "SplitV",
  "Max",
  "Min",
  "GatherV2",
  "Mean",
  "Concat",
  "Pack"
])

/** Ops that make a constant without inputs, or from a shape alone. */
const makers: { readonly [op: string]: (node: Node) => number } = {
  Fill: (node) => node.attributes["value"] as number,
  ZerosLike: () => 0,
  OnesLike: () => 1
}

const constantNode = (type: ValueType, splat: number): { readonly node: Node; readonly type: ValueType } => ({
  type,
  node: { op: "Constant", inputs: [], outputs: [0], attributes: { ...type, literal: { splat } }, stage: "" }
})

const literalFrom = (values: Numbers): Literal =>
  values.every((x) => Object.is(x, values[0])) && values.length > 0 ? { splat: values[0]! } : { values }

/** Computes the one number that an op of scalar arguments makes. */
const ofScalars = (node: Node, splats: readonly number[], site: Site): number => {
  const type = site.type(node.outputs[0]!)
  return onCpu(() => {
    const inputs = splats.map((splat, i) => {
      const scalar = constantNode({ shape: [], dtype: site.type(node.inputs[i]!).dtype }, splat)
      return evaluate(scalar.node, [], [scalar.type])[0]!
    })
    return evaluate(node, inputs, [{ shape: [], dtype: type.dtype }])[0]!.dataSync()[0]!
  })
}

const evaluated = (node: Node, site: Site): readonly number[] => {
  const made = onCpu(() => {
    const inputs = node.inputs.map((input) => evaluate(site.producer(input)!, [], [site.type(input)])[0]!)
    return evaluate(node, inputs, node.outputs.map(site.type)).map((tensor, i) =>
      numbersOf(tensor, site.type(node.outputs[i]!).dtype)
    )
  })
  return node.outputs.map((output, i) => {
    const { shape, dtype } = site.type(output)
    return site.emit("Constant", [], { shape, dtype, literal: literalFrom(made[i]!) })[0]!
  })
}

const fold: Rule = (node, site) => {
  if (node.op === "Constant") {
    const literal = literalOf(node.attributes)
    if ("splat" in literal || literal.values.length === 0 || literal.values.length > largest) return undefined
    const shared = literalFrom(literal.values as Numbers)
    return "splat" in shared ? [emitSplat(site, site.type(node.outputs[0]!), shared.splat)] : undefined
  }
  const maker = makers[node.op]
  if (maker) {
    const type = site.type(node.outputs[0]!)
    return [emitSplat(site, type, rounded(maker(node), type.dtype))]
  }
  if (
    !node.inputs.every((input) => isConstant(input, site)) ||
    node.outputs.some((output) => sizeOf(site.type(output).shape) === 0)
  )
    return undefined
  const splats = node.inputs.map((input) => splatOf(input, site))
  const first = splats[0]
  if (first !== undefined && splats.every((splat) => splat !== undefined)) {
    if (moving.has(node.op) && splats.every((splat, i) => Object.is(splat, first) || (node.op === "GatherV2" && i > 0)))
      return node.outputs.map((output) => emitSplat(site, site.type(output), first))
    if (node.op === "Sum") {
      const type = site.type(node.outputs[0]!)
      const count = sizeOf(site.type(node.inputs[0]!).shape) / sizeOf(type.shape)
      return [emitSplat(site, type, rounded(first * count, type.dtype))]
    }
    if (node.op in elementwise) return [emitSplat(site, site.type(node.outputs[0]!), ofScalars(node, splats as number[], site))]
  }
  const read = node.inputs.reduce((total, input) => total + sizeOf(site.type(input).shape), 0)
  return outputSize(node, site) <= largest && read <= 16 * largest ? evaluated(node, site) : undefined
}

/** Computes what depends on constants alone, on the reference kernels; equal elements are kept as one number. */
export const foldConstants: Pass = (program) => rewrite(program, fold)
