import { optimise } from "../optimise.ts"
import { decompose } from "../passes/decompose.ts"
import { schedule } from "../passes/schedule.ts"
import type { BufferSpec, Program } from "../program.ts"
import { verify } from "../verify.ts"
import { loweringOf } from "./table.ts"

/** The passes before a program is lowered to ONNX: those of every target, our own ops taken apart, and the former again. Throws `InvalidProgram`. */
export const prepareForOnnx = (program: Program, buffers?: { readonly [name: string]: BufferSpec }): Program => {
  const apart = decompose((op) => loweringOf(op) === "decompose")
  const optimised = optimise(verify(apart(optimise(program, buffers)), "decomposition", buffers), buffers)
  return verify(schedule(optimised), "schedule", buffers)
}
