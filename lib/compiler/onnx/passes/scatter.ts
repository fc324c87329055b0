import { byOp } from "../../passes/cleaning.ts"
import { type Pass, type Rule, rewrite } from "../../passes/rewrite.ts"

/** Adds segment sums that are terms of a sum, row by row, to the sum of the other terms. */
const intoSum: Rule = (node, site) => {
  const scattered = node.inputs.filter((input) => site.producer(input)?.op === "UnsortedSegmentSum" && site.uses(input) === 1)
  const others = node.inputs.filter((input) => !scattered.includes(input))
  if (scattered.length === 0) return undefined
  const first = others.length === 0 ? scattered.shift()! : others.length === 1 ? others[0]! : site.emit("AddN", others)[0]!
  return [
    scattered.reduce((data, segments) => {
      const [rows, ids] = site.producer(segments)!.inputs as [number, number]
      return site.emit("ScatterAdd", [data, ids, rows])[0]!
    }, first)
  ]
}

/** Avoids materialising the gradient of a lookup table that is also used in products. */
export const scatterIntoSums: Pass = (program) => rewrite(program, byOp({ Add: intoSum, AddN: intoSum }))
