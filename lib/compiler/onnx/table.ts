import type { OpName } from "../ops/table.ts"
import { convolution } from "./convolution.ts"
import { elementwise } from "./elementwise.ts"
import { gathering } from "./gather.ts"
import type { Lowering } from "./lowering.ts"
import { matmul } from "./matmul.ts"
import { own } from "./own.ts"
import { reduce } from "./reduce.ts"
import { shape } from "./shape.ts"

/** Lowering of each op of the IR to ONNX. */
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
