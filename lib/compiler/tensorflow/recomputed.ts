import type { Node } from "../program.ts"
import { attr, type Graph } from "./graph.ts"

/**
 * The graph as each node of a program sees it, in their order. To nodes that compute something a second time (the pass `recompute`)
 * come values of the first time through a barrier, together with the gradient that was made last. Without it they are the same
 * expressions, of which XLA keeps one result; with the value alone XLA could compute them at once, and nothing would be freed. What is
 * not made of `feeds` (weights, constants) needs no barrier, since it differs in nothing.
 */
export const recomputedIn = (graph: Graph, feeds: Iterable<number>): ((node: Node) => Graph) => {
  const original = new Set(feeds)
  const recomputed = new Set<number>()
  const behind = new Map<number, string>()
  let gradient: number | undefined
  const barrier = (value: number): string => {
    const known = behind.get(value)
    if (known) return known
    const waiting = gradient === undefined ? [value] : [value, gradient]
    const made = graph.emitAll(
      waiting.map(() => "output"),
      "XlaOptimizationBarrier",
      waiting.map(graph.name),
      { T: attr.types(waiting.map((each) => graph.type(each).dtype)) }
    )
    // The gradient goes on from behind the barrier: one that nobody needs there would be taken out of it.
    if (gradient !== undefined) graph.set(gradient, made[1]!)
    behind.set(value, made[0]!)
    return made[0]!
  }
  const seen: Graph = { ...graph, name: (value) => (original.has(value) ? barrier(value) : graph.name(value)) }
  return (node) => {
    const isRecomputed = node.attributes["recomputed"] === true
    if (node.inputs.some((input) => original.has(input) || recomputed.has(input)))
      for (const output of node.outputs) (isRecomputed ? recomputed : original).add(output)
    if (node.backward) gradient = node.outputs[0]
    return isRecomputed ? seen : graph
  }
}
