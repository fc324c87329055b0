import { decompositions } from "../../tensor/decompose.ts"
import { optimise } from "../optimise.ts"
import { decompose } from "../passes/decompose.ts"
import { recompute } from "../passes/recompute.ts"
import type { Pass } from "../passes/rewrite.ts"
import type { BufferSpec, Program } from "../program.ts"
import { verify } from "../verify.ts"
import { apart } from "./passes/apart.ts"

/** The passes for TensorFlow alone, by name, in their order. */
export const tensorflowPasses: readonly (readonly [string, Pass])[] = [
  ["decomposition", decompose(decompositions)],
  ["parts of buckets", apart],
  ["optimisation of decompositions", (program) => optimise(program)]
]

/** What may be asked of the compiler. */
export interface PrepareOptions {
  /** The buffers that inputs and updates must fit. */
  readonly buffers?: { readonly [name: string]: BufferSpec }
  /** Whether what is inside layers is written a second time on the way back; XLA's own passes may make both times one again (not measured). */
  readonly recompute?: boolean
}

/** The passes before a program is lowered to TensorFlow: those of every target, and those for XLA alone. Throws `InvalidProgram`. */
export const prepareForTensorflow = (program: Program, { buffers, recompute: again = false }: PrepareOptions = {}): Program => {
  const chosen = again ? [["recomputation of layers", recompute] as const, ...tensorflowPasses] : tensorflowPasses
  return chosen.reduce((before, [name, pass]) => verify(pass(before), name, buffers), optimise(program, buffers))
}
