import { Schema } from "effect"
import { WiringError } from "./errors.ts"
import { Expected } from "./expected.ts"
import { TrainSettings } from "./training-settings.ts"

const TensorField = Schema.Struct({
  dtype: Schema.Literals(["float32", "int32", "bool"]),
  dims: Schema.Array(Schema.String),
  origin: Schema.Literals(["data", "model"])
})
const Field = Schema.Union([TensorField, Schema.Struct({ value: Schema.String })])
const Names = Schema.optionalKey(Schema.Record(Schema.NonEmptyString, Schema.NonEmptyString))
const StageRecord = Schema.Struct({
  stage: Schema.NonEmptyString,
  as: Schema.NonEmptyString,
  momentum: Schema.Boolean,
  settings: Schema.Json,
  bind: Schema.optionalKey(Schema.Struct({ reads: Names, adds: Names, dims: Names }))
})

/** A pipeline as data (`toData`), as JSON has it. */
export const PipelineFile = Schema.Struct({
  name: Schema.NonEmptyString,
  source: Schema.Struct({ train: Schema.NonEmptyString, heldOut: Schema.NullOr(Schema.NonEmptyString) }),
  stages: Schema.Array(StageRecord),
  score: Schema.Struct({ fields: Schema.Record(Schema.String, Field), stages: Schema.Array(StageRecord) }),
  training: TrainSettings,
  expected: Schema.optionalKey(Expected)
})
export type PipelineFile = typeof PipelineFile.Type

/** Names that reach an object's prototype: never a name in a pipeline. */
export const forbiddenNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"])

/** The path of the first forbidden name in a value, or undefined. */
export const forbiddenPath = (value: unknown, path: readonly string[] = []): readonly string[] | undefined => {
  if (typeof value !== "object" || value === null) return undefined
  for (const [name, part] of Object.entries(value)) {
    const here = [...path, name]
    const found = forbiddenNames.has(name) ? here : forbiddenPath(part, here)
    if (found) return found
  }
  return undefined
}

const line = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ").slice(0, 300)

/** Checks that a value is a pipeline as data, its stages' settings aside. Throws a `WiringError` that names what is not. */
export const checkPipelineFile = (data: unknown): PipelineFile => {
  const name = typeof data === "object" && data !== null && "name" in data ? String(data.name) : "pipeline"
  const forbidden = forbiddenPath(data)
  if (forbidden)
    throw new WiringError({ pipeline: name, problem: `'${forbidden.join(".")}' is not a name that anything can have` })
  try {
    return Schema.decodeUnknownSync(PipelineFile, { onExcessProperty: "error" })(data)
  } catch (error) {
    throw new WiringError({ pipeline: name, problem: line(error) })
  }
}
