import { optimise } from "../optimise.ts"
import { cleaning } from "../passes/cleaning.ts"
import { commonSubexpressions } from "../passes/common-subexpressions.ts"
import { deadCode } from "../passes/dead-code.ts"
import { decompose } from "../passes/decompose.ts"
import { recompute } from "../passes/recompute.ts"
import type { Pass } from "../passes/rewrite.ts"
import { schedule } from "../passes/schedule.ts"
import type { BufferSpec, Program } from "../program.ts"
import { verify } from "../verify.ts"
import { onnxDecompositions } from "./decompositions.ts"
import { accumulate } from "./passes/accumulate.ts"
import { computeAgain } from "./passes/again.ts"
import { concatProducts } from "./passes/concat-products.ts"
import { gemm } from "./passes/gemm.ts"
import { scales } from "./passes/scales.ts"
import { scatterIntoSums } from "./passes/scatter.ts"
import { squareSums } from "./passes/square-sums.ts"

/** The passes for ONNX Runtime alone, by name, in their order. */
export const onnxPasses: readonly (readonly [string, Pass])[] = [
  ["recomputation", computeAgain],
  ["decomposition", decompose(onnxDecompositions)],
  ["optimisation of decompositions", (program) => optimise(program)],
  ["gemms", gemm],
  ["products of joined matrices", concatProducts],
  ["scales", scales],
  ["cleaning after scales", (program) => deadCode(cleaning(program))],
  ["scales of gemms", scales],
  ["sums of segments", scatterIntoSums],
  ["sums of squares", squareSums],
  ["common subexpressions of gemms", (program) => deadCode(commonSubexpressions(cleaning(program)))],
  ["schedule", schedule],
  ["accumulation", (program) => deadCode(accumulate(program))]
]

/** What may be asked of the compiler. */
export interface PrepareOptions {
  /** The buffers that inputs and updates must fit. */
  readonly buffers?: { readonly [name: string]: BufferSpec }
  /** Whether what is inside layers is computed a second time on the way back instead of kept. */
  readonly recompute?: boolean
}

/** The passes before a program is lowered to ONNX: those of every target, and those for ONNX Runtime alone. Throws `InvalidProgram`. */
export const prepareForOnnx = (program: Program, { buffers, recompute: again = false }: PrepareOptions = {}): Program => {
  const chosen = again ? [["recomputation of layers", recompute] as const, ...onnxPasses] : onnxPasses
  return chosen.reduce((before, [name, pass]) => verify(pass(before), name, buffers), optimise(program, buffers))
}
