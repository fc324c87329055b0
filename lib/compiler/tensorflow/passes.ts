import { decompositions } from "../../tensor/decompose.ts"
import { optimise } from "../optimise.ts"
import { decompose } from "../passes/decompose.ts"
import type { Pass } from "../passes/rewrite.ts"
import { prepareWith } from "../prepare-with.ts"
import { splitBuckets } from "./passes/split-buckets.ts"

/** The passes for TensorFlow alone, by name, in their order. */
export const tensorflowPasses: readonly (readonly [string, Pass])[] = [
  ["decomposition", decompose(decompositions)],
  ["split buckets", splitBuckets],
  ["optimisation of decompositions", (program) => optimise(program)]
]

/**
 * Runs the passes that precede lowering to TensorFlow: those of every target, then those for XLA alone. Throws `InvalidProgram`.
 */
export const prepareForTensorflow = prepareWith(tensorflowPasses)
