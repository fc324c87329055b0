import { byOp } from "../../passes/cleaning.ts"
import { emitSplat } from "../../passes/constants.ts"
import { type Pass, type Rule, rewrite, type Site } from "../../passes/rewrite.ts"

const isMatrix = (value: number, site: Site): boolean =>
  site.type(value).shape.length === 2 && site.type(value).dtype === "float32"

const product: Rule = (node, site) =>
  node.inputs.every((input) => isMatrix(input, site)) ? site.emit("Gemm", node.inputs, node.attributes) : undefined

/** Sums over at least this many rows become products with a row of ones, which use all threads. */
const manyRows = 32

const columnSums: Rule = (node, site) => {
  const [x] = node.inputs as [number]
  const axes = node.attributes["axis"] as readonly number[]
  const [rows, columns] = site.type(x).shape
  if (!isMatrix(x, site) || axes.length !== 1 || axes[0] !== 0 || rows! < manyRows) return undefined
  const ones = emitSplat(site, { shape: [1, rows!], dtype: "float32" }, 1)
  const sums = site.emit("Gemm", [ones, x])
  return node.attributes["keepDims"] ? sums : site.emit("Reshape", sums, { shape: [columns!] })
}

/** Replaces matrix products, and sums over rows, by Gemm. */
export const gemm: Pass = (program) => rewrite(program, byOp({ BatchMatMul: product, Sum: columnSums }))
