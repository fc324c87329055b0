import { type Pass, type Rule, rewrite, type Site } from "./rewrite.ts"

/** Returns the input of a transpose of the last two axes, or undefined. */
const swapped = (value: number, site: Site): number | undefined => {
  const made = site.producer(value)
  if (made?.op !== "Transpose") return undefined
  const perm = made.attributes["perm"] as readonly number[]
  const n = perm.length
  return perm.every((axis, i) => axis === (i < n - 2 ? i : 2 * n - 3 - i)) ? made.inputs[0] : undefined
}

const product: Rule = (node, site) => {
  if (node.op !== "BatchMatMul") return undefined
  const [a, b] = node.inputs as [number, number]
  const [left, right] = [swapped(a, site), swapped(b, site)]
  if (left === undefined && right === undefined) return undefined
  return site.emit("BatchMatMul", [left ?? a, right ?? b], {
    ...node.attributes,
    transposeA: (node.attributes["transposeA"] === true) !== (left !== undefined),
    transposeB: (node.attributes["transposeB"] === true) !== (right !== undefined)
  })
}

/** Folds transposes of matrices into the products that read them. */
export const matmulTranspose: Pass = (program) => rewrite(program, product)
