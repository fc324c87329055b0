import type { Node } from "../program.ts"
import { type Pass, type Rule, rewrite, type Site } from "./rewrite.ts"
import { sameShape } from "./same-shape.ts"

const isSum = (node: Node, site: Site): boolean =>
  node.op === "AddN" ||
  (node.op === "Add" && node.inputs.every((input) => sameShape(site.type(input).shape, site.type(node.outputs[0]!).shape)))

const merge: Rule = (node, site) => {
  if (!isSum(node, site)) return undefined
  const terms = node.inputs.flatMap((input) => {
    const made = site.producer(input)
    return made && site.uses(input) === 1 && isSum(made, site) ? made.inputs : [input]
  })
  return terms.length === node.inputs.length ? undefined : site.emit("AddN", terms)
}

/** Merges sums of sums that nothing else reads into one sum. */
export const mergeSums: Pass = (program) => rewrite(program, merge)
