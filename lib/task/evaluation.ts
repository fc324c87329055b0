import { join } from "node:path"
import { Effect, FileSystem, Schema } from "effect"
import { Environment } from "../run-folder/environment.ts"
import { writeAtomically } from "../store/atomic.ts"
import { storeError } from "../store/store-error.ts"
import { EvaluateError } from "./evaluate-error.ts"
import { Examples } from "./retrieval/examples.ts"
import { Retrieval } from "./retrieval/retrieval.ts"

/** What evaluation.json says: the recalls, on what and how they were measured, and some examples. */
export const Evaluation = Schema.Struct({
  retrieval: Retrieval,
  data: Schema.Struct({ name: Schema.String, digest: Schema.String }),
  model: Schema.Struct({
    pipeline: Schema.String,
    weights: Schema.Literals(["student", "teacher"]),
    step: Schema.NullOr(Schema.Int)
  }),
  /** Where it was computed; not in evaluations of older versions. */
  environment: Schema.optionalKey(Environment),
  candidates: Schema.Int,
  seconds: Schema.Finite,
  skipped: Schema.Array(Schema.Struct({ id: Schema.String, reason: Schema.String })),
  examples: Examples
})
export type Evaluation = typeof Evaluation.Type

const fileName = "evaluation.json"

/** Writes `evaluation.json` into a folder. */
export const writeEvaluation = (folder: string, evaluation: Evaluation) =>
  writeAtomically(join(folder, fileName), `${JSON.stringify(evaluation, null, 2)}\n`)

/** The evaluation in a folder, or undefined where there is none; an `EvaluateError` where it is not one. */
export const readEvaluation = Effect.fn("evaluate.readEvaluation")(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = join(folder, fileName)
  if (!(yield* fs.exists(path).pipe(Effect.mapError(storeError(path))))) return undefined
  const text = yield* fs.readFileString(path).pipe(Effect.mapError(storeError(path)))
  return yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Evaluation))(text).pipe(
    Effect.mapError((error) => new EvaluateError({ task: path, reason: error.message.replace(/\s*\n\s*/g, " ") }))
  )
})
