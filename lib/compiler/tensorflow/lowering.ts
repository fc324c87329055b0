import type { Node } from "../program.ts"
import type { Graph } from "./graph.ts"

/** In what the products of matrices are computed; their inputs and results are float32 in any case. */
export type Compute = "float32" | "bfloat16"

/** What a lowering may know of what was asked of the compiler. */
export interface LoweringOptions {
  readonly compute: Compute
}

/** How a target makes an op: by writing nodes, which give its outputs' names, or by the op's decomposition (a pass puts it in place before lowering). */
export type Lowering = ((node: Node, graph: Graph, options: LoweringOptions) => readonly string[]) | "decompose"

/** Lowerings by op. */
export type LoweringTable = { readonly [op: string]: Lowering }

/** The names of a node's inputs. */
export const inputNames = (node: Node, graph: Graph): readonly string[] => node.inputs.map(graph.name)
