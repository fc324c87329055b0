import type { Program } from "../program.ts"

/**
 * The order in which ONNX Runtime runs nodes that a model lists in a given order: a depth-first walk against the edges, from the
 * nodes that nothing reads, the last listed first, that lists a node after all that it reads (`Graph::ReverseDFSFrom`).
 * `rank` gives a node's place in the model. Gives the numbers of nodes as they run.
 */
export const executionOrder = (program: Program, rank: (node: number) => number): readonly number[] => {
  const maker = new Int32Array(program.values.length).fill(-1)
  const read = new Uint8Array(program.nodes.length)
  for (const [i, node] of program.nodes.entries()) for (const output of node.outputs) maker[output] = i
  const sources = program.nodes.map((node) => [...new Set(node.inputs.map((input) => maker[input]!).filter((i) => i >= 0))].sort((a, b) => rank(a) - rank(b)))
  for (const from of sources) for (const i of from) read[i] = 1
  const open = program.nodes.map((_, i) => i).filter((i) => !read[i])
  open.sort((a, b) => rank(a) - rank(b))
  const visited = new Uint8Array(program.nodes.length)
  const order: number[] = []
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at < 0) order.push(~at)
    else if (!visited[at]) {
      visited[at] = 1
      open.push(~at, ...sources[at]!.filter((i) => !visited[i]))
    }
  }
  return order
}
