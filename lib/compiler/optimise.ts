import { passes, passOrder } from "./passes/table.ts"
import type { BufferSpec, Program } from "./program.ts"
import { verify } from "./verify.ts"

/**
 * Runs the passes of every target over a program, checking it before the first and after each. Throws `InvalidProgram` with the
 * phase that broke a rule.
 */
export const optimise = (program: Program, buffers?: { readonly [name: string]: BufferSpec }): Program =>
  passOrder.reduce((before, name) => verify(passes[name](before), name, buffers), verify(program, "trace", buffers))
