import { byOp } from "../../passes/cleaning.ts"
import { type Pass, type Rule, rewrite } from "../../passes/rewrite.ts"

const ofSquares: Rule = (node, site) => {
  const made = site.producer(node.inputs[0]!)
  const [x] = made?.op === "Square" ? made.inputs : []
  return x === undefined || site.type(node.outputs[0]!).shape.length > 0 || site.type(x).dtype !== "float32"
    ? undefined
    : site.emit("SquareSum", [x])
}

/** Replaces sums of all squares by one reduction that stores no squares. */
export const squareSums: Pass = (program) => rewrite(program, byOp({ Sum: ofSquares }))
