import type { Node } from "../program.ts"
import type { Graph } from "./graph.ts"

/**
 * How the products of matrices are computed: of float32 numbers, or of numbers rounded to bfloat16. Their results are float32, but with
 * `autocast` bfloat16 too, as PyTorch's autocast has it: what a step keeps and moves is less (on a GPU, a quarter of its traffic), and
 * less exact. Convolutions are of bfloat16 with `autocast` alone. Sums are float32 in any case.
 */
export const computes = ["float32", "bfloat16", "autocast"] as const
export type Compute = (typeof computes)[number]

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
