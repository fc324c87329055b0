import { Effect } from "effect"
import type { Program } from "../compiler/program.ts"
import { EvaluateError } from "../task/evaluate-error.ts"

/** Traces a program that a report needs; fails with an `EvaluateError` that contains the tracing error. */
export const traced = (what: string, make: () => Program): Effect.Effect<Program, EvaluateError> =>
  Effect.try({
    try: make,
    catch: (error) => new EvaluateError({ task: what, reason: error instanceof Error ? error.message : String(error) })
  })

/** Names of a program's inputs at each run. */
export const fed = (program: Program): readonly string[] =>
  program.inputs.filter((input) => "feed" in input.source).map((input) => input.name)

/** Returns the square grid of a number of patches; undefined where it is not a square number. */
export const gridOf = (patches: number): { readonly rows: number; readonly columns: number } | undefined => {
  const side = Math.round(Math.sqrt(patches))
  return side * side === patches ? { rows: side, columns: side } : undefined
}
