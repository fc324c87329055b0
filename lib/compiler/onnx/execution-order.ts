import { attributeProto } from "./graph.ts"
import type { NodeProto } from "./messages.ts"

/** What matters of a node for the order in which it runs: the tensors it reads and makes. */
export interface OrderedNode {
  readonly input: readonly string[]
  readonly output: readonly string[]
}

/** For each node, the nodes that make its inputs, in the order of the list. */
const sourcesOf = (nodes: readonly OrderedNode[]): readonly (readonly number[])[] => {
  const maker = new Map<string, number>()
  for (const [i, node] of nodes.entries()) for (const output of node.output) maker.set(output, i)
  return nodes.map((node) => [...new Set(node.input.flatMap((input) => maker.get(input) ?? []))].sort((a, b) => a - b))
}

/**
 * The walk that decides in what order ONNX Runtime runs a graph (`Graph::ReverseDFSFrom`): depth first against the edges, telling of
 * a node after all that it reads; of a node's inputs, what the model lists last comes first. `enter` says whether a node is still to
 * be visited, `leave` whether to go on. Gives whether it came to its end.
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

/** The numbers of a model's nodes in the order in which ONNX Runtime runs them: walks from the nodes that nothing reads, the last listed first. */
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

/** A walk in the wanted order is looked for so many nodes past the last one found. */
const lookAhead = 64

/**
 * Nodes, of a graph listed in the order wanted, from which ONNX Runtime must be made to start its walks, one after another, so that
 * it runs the graph in that order, when the model lists the graph backwards. Each is as late as can be.
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
 * Lists a graph's nodes so that ONNX Runtime runs them in the order given: backwards, and last a node that reads the shapes of the
 * anchors, from which ONNX Runtime walks to all others. A shape costs nothing: no numbers are read.
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
