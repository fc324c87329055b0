import { optimise } from "./optimise.ts"
import { recompute } from "./passes/recompute.ts"
import type { Pass } from "./passes/rewrite.ts"
import type { BufferSpec, Program } from "./program.ts"
import { verify } from "./verify.ts"

/** What may be asked of the compiler. */
export interface PrepareOptions {
  /** The buffers that inputs and updates must fit. */
  readonly buffers?: { readonly [name: string]: BufferSpec }
  /** Whether what is inside layers is computed a second time in the backward pass instead of kept. */
  readonly recompute?: boolean
}

/**
 * What prepares a program for a target: the passes of every target, then the target's own by name, in their order, each verified.
 * Throws `InvalidProgram`.
 */
export const prepareWith =
  (passes: readonly (readonly [string, Pass])[]) =>
  (program: Program, { buffers, recompute: again = false }: PrepareOptions = {}): Program => {
    const chosen = again ? [["recomputation of layers", recompute] as const, ...passes] : passes
    return chosen.reduce((before, [name, pass]) => verify(pass(before), name, buffers), optimise(program, buffers))
  }
