import { byOp } from "../../passes/cleaning.ts"
import { splatOf } from "../../passes/constants.ts"
import { type Pass, type Rule, rewrite, type Site } from "../../passes/rewrite.ts"
import { sameShape } from "../../passes/same-shape.ts"
import type { Node } from "../../program.ts"

const products = new Set(["Gemm", "BatchMatMul"])
const moving = new Set(["Reshape", "Transpose"])
const alphaOf = (node: Node): number => (node.attributes["alpha"] as number | undefined) ?? 1

/** Decomposes a node's result into another value times a constant, where it has that form. */
const scaling = (node: Node | undefined, site: Site): { readonly x: number; readonly c: number } | undefined => {
  if (!node || site.type(node.outputs[0]!).dtype !== "float32") return undefined
  if (node.op === "Neg") return { x: node.inputs[0]!, c: -1 }
  if (node.op !== "Multiply") return undefined
  for (const [x, other] of [node.inputs, node.inputs.toReversed()] as [number, number][]) {
    const c = splatOf(other, site)
    if (c !== undefined && sameShape(site.type(x).shape, site.type(node.outputs[0]!).shape)) return { x, c }
  }
  return undefined
}

/** Turns a product of scaled matrices into a scaled product. */
const ofScaled: Rule = (node, site) => {
  const [a, b, ...rest] = node.inputs as [number, number, ...number[]]
  const [left, right] = [scaling(site.producer(a), site), scaling(site.producer(b), site)]
  if (!left && !right) return undefined
  const alpha = alphaOf(node) * (left?.c ?? 1) * (right?.c ?? 1)
  return site.emit(node.op, [left?.x ?? a, right?.x ?? b, ...rest], { ...node.attributes, alpha })
}

/** Moves the scaling of a product that nothing else reads, possibly through views, into the product. */
const scaledProduct: Rule = (node, site) => {
  const found = scaling(node, site)
  if (!found) return undefined
  const moves: Node[] = []
  let made = site.producer(found.x)
  let last = found.x
  while (made && moving.has(made.op) && site.uses(last) === 1) {
    moves.unshift(made)
    last = made.inputs[0]!
    made = site.producer(last)
  }
  if (!made || !products.has(made.op) || site.uses(last) !== 1) return undefined
  const product = site.emit(made.op, made.inputs, { ...made.attributes, alpha: alphaOf(made) * found.c })
  return moves.reduce((value, move) => site.emit(move.op, value, move.attributes), product)
}

/** Swaps a scaling with the op that moves or sums its result, so that the factor may reach a product. */
const sink: Rule = (node, site) => {
  const found = scaling(site.producer(node.inputs[0]!), site)
  if (!found || site.uses(node.inputs[0]!) !== 1) return undefined
  const moved = site.emit(node.op, [found.x], node.attributes)
  const factor = site.emit("Constant", [], { shape: [], dtype: "float32", literal: { splat: Math.fround(found.c) } })
  return site.emit("Multiply", [moved[0]!, factor[0]!])
}

/** Folds scalings into matrix products, whose factor `alpha` costs nothing. */
export const scales: Pass = (program) =>
  rewrite(
    rewrite(
      program,
      byOp({ Gemm: ofScaled, GemmAdd: ofScaled, BatchMatMul: ofScaled, Reshape: sink, Transpose: sink, Sum: sink })
    ),
    byOp({ Multiply: scaledProduct, Neg: scaledProduct })
  )
