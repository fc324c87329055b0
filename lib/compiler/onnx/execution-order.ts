import { attributeProto } from "./graph.ts"
import type { NodeProto } from "./messages.ts"

/** The part of a node that determines execution order: the tensors it reads and makes. */
export interface OrderedNode {
  readonly input: readonly string[]
  readonly output: readonly string[]
}

/** Returns, for each node, the indices of the nodes that make its inputs, in the order of its input list. */
const sourcesOf = (nodes: readonly OrderedNode[]): readonly (readonly number[])[] => {
  const maker = new Map<string, number>()
  for (const [i, node] of nodes.entries()) for (const output of node.output) maker.set(output, i)
  return nodes.map((node) => [...new Set(node.input.flatMap((input) => maker.get(input) ?? []))].sort((a, b) => a - b))
}

/**
 * Traverses a graph in the order in which ONNX Runtime executes it (`Graph::ReverseDFSFrom`): depth first against the edges,
 * visiting a node after everything it reads; among a node's inputs, the one listed last in the model is visited first. `enter`
 * returns whether a node is still to be visited, `leave` whether to continue. Returns true where the traversal was completed.
 */
const walk = (
  from: number,
  sources: (node: number) => readonly number[],
  enter: (node: number) => boolean,
  leave: (node: number) => boolean
): boolean => {
  const open = [from]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at < 0) {
      if (!leave(~at)) return false
    } else if (enter(at)) open.push(~at, ...sources(at))
  }
  return true
}

/**
 * Returns the indices of a model's nodes in ONNX Runtime's execution order: traversals from the nodes that nothing reads, the
 * last listed first.
 */
export const executionOrder = (nodes: readonly OrderedNode[]): readonly number[] => {
  const sources = sourcesOf(nodes)
  const read = new Set(sources.flat())
  const visited = new Uint8Array(nodes.length)
  const order: number[] = []
  const enter = (i: number): boolean => {
    const first = visited[i] === 0
    visited[i] = 1
    return first
  }
  for (let leaf = nodes.length - 1; leaf >= 0; leaf--)
    if (!read.has(leaf))
      walk(
        leaf,
        (i) => sources[i]!,
        enter,
        (i) => order.push(i) > 0
      )
  return order
}

/** Number of nodes past the last anchor in which a traversal with the wanted order is searched for. */
const lookAhead = 64

/**
 * Returns the nodes from which ONNX Runtime must start its traversals, one after another, to execute the graph in the listed
 * order when the model lists the nodes in reverse. Each anchor is the latest node possible.
 */
export const anchors = (nodes: readonly OrderedNode[]): readonly number[] => {
  const sources = sourcesOf(nodes).map((from) => from.toReversed())
  const seen = new Int32Array(nodes.length)
  let mark = 0
  const inOrder = (first: number, last: number): boolean => {
    let next = first
    mark++
    const enter = (i: number): boolean => {
      if (i < first || seen[i] === mark) return false
      seen[i] = mark
      return true
    }
    return (
      walk(
        last,
        (i) => sources[i]!,
        enter,
        (i) => i === next++
      ) && next === last + 1
    )
  }
  const found: number[] = []
  for (let first = 0; first < nodes.length; ) {
    let reached = first
    for (let last = first + 1; last < nodes.length && last <= reached + lookAhead; last++)
      if (inOrder(first, last)) reached = last
    found.push(reached)
    first = reached + 1
  }
  return found
}

/**
 * Lists a graph's nodes so that ONNX Runtime executes them in the given order: in reverse, followed by a node that reads the
 * shapes of the anchors, from which ONNX Runtime reaches all others. A Shape node costs nothing, since it reads no elements.
 */
export const inOrder = (nodes: readonly NodeProto[]): readonly NodeProto[] => {
  const shapes = anchors(nodes).map(
    (i, k): NodeProto => ({
      name: `order/${k}`,
      opType: "Shape",
      input: [nodes[i]!.output[0]!],
      output: [`order${k}`],
      attribute: []
    })
  )
  if (shapes.length === 0) return nodes
  const names = shapes.map(({ output }) => output[0]!)
  const all: NodeProto = {
    name: "order",
    opType: "Concat",
    input: names,
    output: ["order"],
    attribute: [attributeProto("axis", 0)]
  }
  return [...nodes.toReversed(), ...shapes.toReversed(), all]
}
