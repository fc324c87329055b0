import { convolution } from "./convolution.ts"
import { elementwise } from "./elementwise.ts"
import { fused } from "./fused.ts"
import { matmul } from "./matmul.ts"
import { own } from "./own.ts"
import { reduce } from "./reduce.ts"
import { shape } from "./shape.ts"
import type { OpSpec } from "./spec.ts"

/** All operations of the IR: tfjs's kernels that stages use, the project's own, and those that passes insert. */
export const ops = { ...elementwise, ...reduce, ...shape, ...matmul, ...convolution, ...own, ...fused }
export type OpName = keyof typeof ops

/** Returns the row of an operation, or undefined. */
export const opSpec = (op: string): OpSpec | undefined => (Object.hasOwn(ops, op) ? ops[op as OpName] : undefined)
