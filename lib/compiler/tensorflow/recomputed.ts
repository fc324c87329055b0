import type { Node } from "../program.ts"
import { attr, type Graph } from "./graph.ts"

/**
 * Returns the graph as each node of a program sees it, in their order. Recomputed nodes (the pass `recompute`) read original
 * values through a barrier, together with the latest gradient. Without a barrier they are the same expressions, of which XLA
 * keeps one result; with the value alone XLA could compute them immediately, and nothing would be freed. Values that do not
 * depend on `feeds` (weights, constants) need no barrier, since they are equal in both.
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
    // The gradient is read from behind the barrier from here on: XLA would remove it from the barrier if nothing did.
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
