import { Effect } from "effect"
import type { Program } from "../compiler/program.ts"
import { EvaluateError } from "../task/evaluate-error.ts"

/** A program that a report needs, or an `EvaluateError` with what was wrong with its trace. */
export const traced = (what: string, make: () => Program): Effect.Effect<Program, EvaluateError> =>
  Effect.try({
    try: make,
    catch: (error) => new EvaluateError({ task: what, reason: error instanceof Error ? error.message : String(error) })
  })

/** The names of what a program is fed at each run. */
export const fed = (program: Program): readonly string[] =>
  program.inputs.filter((input) => "feed" in input.source).map((input) => input.name)

/** The side of the square that some patches make; undefined where they make none. */
export const gridOf = (patches: number): { readonly rows: number; readonly columns: number } | undefined => {
  const side = Math.round(Math.sqrt(patches))
  return side * side === patches ? { rows: side, columns: side } : undefined
}
