import type { Node } from "../program.ts"
import type { Graph } from "./graph.ts"

/**
 * Precision of matrix products: float32 operands, or operands rounded to bfloat16. Results are float32, but bfloat16 too with
 * `autocast`, as in PyTorch's autocast: a step stores and moves less (on a GPU, a quarter of its traffic), and is less exact.
 * Convolutions use bfloat16 with `autocast` alone. Sums are float32 in any case.
 */
export const computes = ["float32", "bfloat16", "autocast"] as const
export type Compute = (typeof computes)[number]

/** Options of the compiler that lowerings use. */
export interface LoweringOptions {
  readonly compute: Compute
}

/**
 * A function that writes an op's nodes and returns its outputs' names, or "decompose" where a pass replaces the op by its
 * decomposition before lowering.
 */
export type Lowering = ((node: Node, graph: Graph, options: LoweringOptions) => readonly string[]) | "decompose"

/** Lowerings by op. */
export type LoweringTable = { readonly [op: string]: Lowering }

/** Returns the tensor names of a node's inputs. */
export const inputNames = (node: Node, graph: Graph): readonly string[] => node.inputs.map(graph.name)
