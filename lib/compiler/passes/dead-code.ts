import { type Program, roots } from "../program.ts"
import type { Pass } from "./rewrite.ts"

/** Drops nodes that no output or update needs and inputs that nothing reads, and renumbers the remaining values. */
export const deadCode: Pass = (program: Program) => {
  const live = new Uint8Array(program.values.length)
  for (const root of roots(program)) live[root] = 1
  for (const node of program.nodes.toReversed())
    if (node.outputs.some((output) => live[output])) {
      for (const input of node.inputs) live[input] = 1
      for (const output of node.outputs) live[output] = 1
    }
  const place = new Int32Array(program.values.length).fill(-1)
  let count = 0
  for (let value = 0; value < live.length; value++) if (live[value]) place[value] = count++
  return {
    values: program.values.filter((_, value) => live[value]),
    inputs: program.inputs.filter(({ value }) => live[value]).map((input) => ({ ...input, value: place[input.value]! })),
    nodes: program.nodes
      .filter((node) => node.outputs.some((output) => live[output]))
      .map((node) => ({
        ...node,
        inputs: node.inputs.map((input) => place[input]!),
        outputs: node.outputs.map((output) => place[output]!)
      })),
    outputs: program.outputs.map((output) => ({ ...output, value: place[output.value]! })),
    updates: program.updates.map((update) => ({ ...update, value: place[update.value]! }))
  }
}
