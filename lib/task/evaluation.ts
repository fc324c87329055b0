import { join } from "node:path"
import { Effect, FileSystem, Schema } from "effect"
import { oneLine } from "../error/one-line.ts"
import type { Json } from "../pipeline/stage.ts"
import { Environment } from "../run-folder/environment.ts"
import { writeAtomically } from "../store/atomic.ts"
import { storeError } from "../store/store-error.ts"
import { EvaluateError } from "./evaluate-error.ts"
import type { Measured, TaskTable } from "./task.ts"

/** Fields of evaluation.json besides each task's metrics, which are stored under the task's name. */
const Common = Schema.Struct({
  model: Schema.Struct({
    pipeline: Schema.String,
    weights: Schema.Literals(["student", "teacher"]),
    step: Schema.NullOr(Schema.Int)
  }),
  /** Environment of the computation. */
  environment: Schema.optionalKey(Environment),
  /** Details by task: data, settings of the measurement, and examples. */
  details: Schema.Record(Schema.String, Schema.Json),
  /** Reasons, by task, why its evaluation failed. */
  failed: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
})

/** Names that no task can have, since evaluation.json uses them for other fields. */
export const reservedNames: readonly string[] = Object.keys(Common.fields)

/** Outcomes of a model's tasks. */
export interface Evaluation {
  readonly model: (typeof Common.Type)["model"]
  readonly environment?: Environment
  readonly measured: { readonly [task: string]: Measured }
  /** Reasons, by task, for those missing from `measured`. */
  readonly failed: { readonly [task: string]: string }
}

const fileName = "evaluation.json"

/** Returns each task's metrics under its name. */
export const metricsOf = ({ measured }: Pick<Evaluation, "measured">): { readonly [task: string]: Json } =>
  Object.fromEntries(Object.entries(measured).map(([task, { metrics }]) => [task, metrics]))

const fileOf = (evaluation: Evaluation) => ({
  ...metricsOf(evaluation),
  model: evaluation.model,
  ...(evaluation.environment ? { environment: evaluation.environment } : {}),
  details: Object.fromEntries(Object.entries(evaluation.measured).map(([task, { details }]) => [task, details])),
  ...(Object.keys(evaluation.failed).length > 0 ? { failed: evaluation.failed } : {})
})

/** Writes `evaluation.json` into a folder. */
export const writeEvaluation = (folder: string, evaluation: Evaluation) =>
  writeAtomically(join(folder, fileName), `${JSON.stringify(fileOf(evaluation), null, 2)}\n`)

const File = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Json))

const decoded = (text: string, tasks: TaskTable): Evaluation => {
  const file = Schema.decodeUnknownSync(File)(text)
  const { details, failed = {}, ...rest } = Schema.decodeUnknownSync(Common)(file)
  const measured = Object.entries(details).flatMap(([task, each]): readonly (readonly [string, Measured])[] => {
    const metrics = file[task]
    const definition = Object.hasOwn(tasks, task) ? tasks[task] : undefined
    if (metrics === undefined || !definition) return []
    const found = { metrics, details: each }
    definition.view(found)
    return [[task, found]]
  })
  return { ...rest, measured: Object.fromEntries(measured), failed }
}

/**
 * Reads the evaluation in a folder; undefined where there is none. Tasks missing from the table are omitted. Fails with an
 * `EvaluateError` for a file that is not an evaluation, or is one of another version.
 */
export const readEvaluation = Effect.fn("evaluate.readEvaluation")(function* (folder: string, tasks: TaskTable) {
  const fs = yield* FileSystem.FileSystem
  const path = join(folder, fileName)
  if (!(yield* fs.exists(path).pipe(Effect.mapError(storeError(path))))) return undefined
  const text = yield* fs.readFileString(path).pipe(Effect.mapError(storeError(path)))
  return yield* Effect.try({
    try: () => decoded(text, tasks),
    catch: (cause) => new EvaluateError({ task: path, reason: `${oneLine(cause)}; semmim evaluate measures the model anew` })
  })
})
