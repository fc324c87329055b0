import { UnsupportedOp } from "../errors.ts"
import type { OpName } from "../ops/table.ts"
import type { Program } from "../program.ts"
import { convolution } from "./convolution.ts"
import { elementwise } from "./elementwise.ts"
import { gathering } from "./gather.ts"
import type { Lowering } from "./lowering.ts"
import { matmul } from "./matmul.ts"
import { own } from "./own.ts"
import { reduce } from "./reduce.ts"
import { shape } from "./shape.ts"

/** Lowering of each op of the IR to TensorFlow. */
export const lowerings = {
  ...elementwise,
  ...reduce,
  ...shape,
  ...gathering,
  ...matmul,
  ...convolution,
  ...own
} satisfies Record<OpName, Lowering>

/** Returns the lowering of an op, or undefined. */
export const loweringOf = (op: string): Lowering | undefined =>
  Object.hasOwn(lowerings, op) ? lowerings[op as OpName] : undefined

/** Throws `UnsupportedOp`, with the op and its stage, where a program has an op that cannot be lowered. */
export const refuseUnsupported = (program: Program): void => {
  for (const { op, stage } of program.nodes)
    if (typeof loweringOf(op) !== "function") throw new UnsupportedOp({ op, stage, target: "tensorflow" })
}
