import { algebra } from "./algebra.ts"
import { cleaning } from "./cleaning.ts"
import { commonSubexpressions } from "./common-subexpressions.ts"
import { deadCode } from "./dead-code.ts"
import { foldConstants } from "./fold-constants.ts"
import { matmulTranspose } from "./matmul-transpose.ts"
import { mergeSums } from "./merge-sums.ts"
import type { Pass } from "./rewrite.ts"

/** The passes for every target, by name. */
export const passes = {
  "dead code": deadCode,
  cleaning,
  "constant folding": foldConstants,
  algebra,
  "common subexpressions": commonSubexpressions,
  "matmul transposes": matmulTranspose,
  "sums of sums": mergeSums
} satisfies { readonly [name: string]: Pass }

/** Name of a pass of the table. */
export type PassName = keyof typeof passes

/** Order in which the passes run: the second round finds what the first one uncovered. */
export const passOrder: readonly PassName[] = [
  "dead code",
  "cleaning",
  "constant folding",
  "algebra",
  "common subexpressions",
  "cleaning",
  "constant folding",
  "algebra",
  "matmul transposes",
  "common subexpressions",
  "dead code",
  "sums of sums",
  "dead code"
]
