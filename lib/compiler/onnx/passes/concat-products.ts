import { byOp } from "../../passes/cleaning.ts"
import { type Pass, type Rule, rewrite } from "../../passes/rewrite.ts"
import { sizeOf } from "../../program.ts"

/** Concatenation is avoided where it would write this many times more elements than the product has. */
const worthwhile = 4

const ofJoined: Rule = (node, site) => {
  const [a, b] = node.inputs as [number, number]
  const joined = site.producer(b)
  if (joined?.op !== "Concat" || joined.attributes["axis"] !== 0) return undefined
  if (sizeOf(site.type(b).shape) < worthwhile * sizeOf(site.type(node.outputs[0]!).shape)) return undefined
  if (node.attributes["transposeB"] === true) {
    const parts = joined.inputs.map((part) => site.emit("Gemm", [a, part], node.attributes)[0]!)
    return site.emit("Concat", parts, { axis: 1 })
  }
  if (node.attributes["transposeA"] === true) return undefined
  const rows = site.type(a).shape[0]!
  let from = 0
  let sum: readonly number[] | undefined
  for (const part of joined.inputs) {
    const count = site.type(part).shape[0]!
    const columns = site.emit("Slice", [a], { begin: [0, from], size: [rows, count] })[0]!
    sum = sum
      ? site.emit("GemmAdd", [columns, part, sum[0]!], node.attributes)
      : site.emit("Gemm", [columns, part], node.attributes)
    from += count
  }
  return sum
}

/** Replaces products with concatenated matrices by concatenations, or sums, of products: a queue of many rows is never copied. */
export const concatProducts: Pass = (program) => rewrite(program, byOp({ Gemm: ofJoined }))
