import type { Node } from "../program.ts"
import type { Graph } from "./graph.ts"

/** How a target makes an op: by writing nodes, or by the op's decomposition (a pass puts it in place before lowering). */
export type Lowering = ((node: Node, graph: Graph) => void) | "decompose"

/** Lowerings by op. */
export type LoweringTable = { readonly [op: string]: Lowering }

/** The names of a node's inputs. */
export const inputNames = (node: Node, graph: Graph): readonly string[] => node.inputs.map(graph.name)
