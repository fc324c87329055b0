import type { Node } from "../program.ts"
import type { Graph } from "./graph.ts"

/** A function that writes an op's nodes, or "decompose" where a pass replaces the op by its decomposition before lowering. */
export type Lowering = ((node: Node, graph: Graph) => void) | "decompose"

/** Lowerings by op. */
export type LoweringTable = { readonly [op: string]: Lowering }

/** Returns the tensor names of a node's inputs. */
export const inputNames = (node: Node, graph: Graph): readonly string[] => node.inputs.map(graph.name)
