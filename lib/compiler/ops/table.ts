import { elementwise } from "./elementwise.ts"
import { matmul } from "./matmul.ts"
import { own } from "./own.ts"
import { reduce } from "./reduce.ts"
import { shape } from "./shape.ts"
import type { OpSpec } from "./spec.ts"

/** All operations of the IR: tfjs's kernels that stages use, and the project's own. */
export const ops = { ...elementwise, ...reduce, ...shape, ...matmul, ...own }
export type OpName = keyof typeof ops

/** The row of an operation, or undefined. */
export const opSpec = (op: string): OpSpec | undefined => (Object.hasOwn(ops, op) ? ops[op as OpName] : undefined)
