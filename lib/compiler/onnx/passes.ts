import { optimise } from "../optimise.ts"
import { cleaning } from "../passes/cleaning.ts"
import { commonSubexpressions } from "../passes/common-subexpressions.ts"
import { deadCode } from "../passes/dead-code.ts"
import { decompose } from "../passes/decompose.ts"
import type { Pass } from "../passes/rewrite.ts"
import { schedule } from "../passes/schedule.ts"
import { prepareWith } from "../prepare-with.ts"
import { onnxDecompositions } from "./decompositions.ts"
import { accumulate } from "./passes/accumulate.ts"
import { concatProducts } from "./passes/concat-products.ts"
import { gemm } from "./passes/gemm.ts"
import { recomputed } from "./passes/recomputed.ts"
import { scales } from "./passes/scales.ts"
import { scatterIntoSums } from "./passes/scatter.ts"
import { squareSums } from "./passes/square-sums.ts"

/** The passes for ONNX Runtime alone, by name, in their order. */
export const onnxPasses: readonly (readonly [string, Pass])[] = [
  ["recomputation", recomputed],
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

/**
 * Runs the passes that precede lowering to ONNX: those of every target, then those for ONNX Runtime alone. Throws
 * `InvalidProgram`.
 */
export const prepareForOnnx = prepareWith(onnxPasses)
