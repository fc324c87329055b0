import { optimise } from "./optimise.ts"
import { recompute } from "./passes/recompute.ts"
import type { Pass } from "./passes/rewrite.ts"
import type { BufferSpec, Program } from "./program.ts"
import { verify } from "./verify.ts"

/** Options of the compiler. */
export interface PrepareOptions {
  /** The buffers that inputs and updates must fit. */
  readonly buffers?: { readonly [name: string]: BufferSpec }
  /** Recomputes intermediates of layers in the backward pass instead of keeping them. */
  readonly recompute?: boolean
}

/**
 * Returns the preparation of programs for a target: the passes of every target, then the target's own by name, in their order,
 * each verified. Throws `InvalidProgram`.
 */
export const prepareWith =
  (passes: readonly (readonly [string, Pass])[]) =>
  (program: Program, { buffers, recompute: recomputing = false }: PrepareOptions = {}): Program => {
    const chosen = recomputing ? [["recomputation of layers", recompute] as const, ...passes] : passes
    return chosen.reduce((before, [name, pass]) => verify(pass(before), name, buffers), optimise(program, buffers))
  }
