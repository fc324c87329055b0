import { Schema } from "effect"
import { WiringError } from "./errors.ts"
import { Expected } from "./expected.ts"
import { count } from "./settings.ts"
import { TrainSettings } from "./training-settings.ts"

const TensorField = Schema.Struct({
  dtype: Schema.Literals(["float32", "int32", "bool"]),
  dims: Schema.Array(Schema.String),
  origin: Schema.Literals(["data", "model"])
})
const Frozen = Schema.Struct({
  frozen: Schema.NonEmptyString,
  from: Schema.NonEmptyString,
  digest: Schema.NullOr(Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/)))
})
/** A field in JSON. */
export const Field = Schema.Union([TensorField, Schema.Struct({ value: Schema.String })])
const Names = Schema.optionalKey(Schema.Record(Schema.NonEmptyString, Schema.NonEmptyString))
const StageRecord = Schema.Struct({
  stage: Schema.NonEmptyString,
  as: Schema.NonEmptyString,
  /** Weight set that a tensor stage runs with. */
  weights: Schema.optionalKey(Schema.Union([Schema.Literals(["student", "teacher"]), Frozen])),
  settings: Schema.Json,
  bind: Schema.optionalKey(Schema.Struct({ reads: Names, adds: Names, dims: Names }))
})

const TaskRecord = Schema.Struct({
  task: Schema.NonEmptyString,
  settings: Schema.Json,
  chain: Schema.optionalKey(Schema.Struct({ fields: Schema.Record(Schema.String, Field), stages: Schema.Array(StageRecord) }))
})

const Source = Schema.Struct({
  train: Schema.NonEmptyString,
  heldOut: Schema.NullOr(Schema.NonEmptyString),
  fields: Schema.optionalKey(Schema.Record(Schema.String, Field))
})

/** Settings of a part of a batch that can be changed. */
export const PartSettings = Schema.Struct({ source: Schema.Struct({ train: Schema.NonEmptyString }), batch: count })

/** The format of a pipeline as data that is written and read. */
export const pipelineFormat = 2

/** A pipeline as data (`toData`) in JSON. */
export const PipelineFile = Schema.Struct({
  format: Schema.Literal(pipelineFormat),
  name: Schema.NonEmptyString,
  source: Source,
  parts: Schema.optionalKey(
    Schema.Record(Schema.NonEmptyString, Schema.Struct({ source: Source, batch: count, stages: Schema.Array(StageRecord) }))
  ),
  stages: Schema.Array(StageRecord),
  tasks: Schema.Array(TaskRecord),
  training: TrainSettings,
  expected: Schema.optionalKey(Expected)
})
export type PipelineFile = typeof PipelineFile.Type

/** Names that reach an object's prototype, which a pipeline must not contain. */
export const forbiddenNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"])

/** Returns the path of the first forbidden name in a value, or undefined. */
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

/**
 * Describes a pipeline as data of another format, and the remedy; undefined for the present format, and for data that is not a
 * pipeline.
 */
export const formatFault = (data: unknown): string | undefined => {
  if (typeof data !== "object" || data === null || !("stages" in data)) return undefined
  const format: unknown = "format" in data ? data.format : 1
  if (format === pipelineFormat) return undefined
  return typeof format === "number" && format < pipelineFormat
    ? `its pipeline is of format ${format}, written by an older semmim: use it with that version, or run the pipeline anew with this one`
    : `its pipeline is of format ${JSON.stringify(format)}, and this semmim reads format ${pipelineFormat}: use it with the newer version that wrote it`
}

/**
 * Checks that a value is a pipeline as data, apart from its stages' settings. Throws a `WiringError` that names the invalid part.
 */
export const checkPipelineFile = (data: unknown): PipelineFile => {
  const name = typeof data === "object" && data !== null && "name" in data ? String(data.name) : "pipeline"
  const forbidden = forbiddenPath(data)
  if (forbidden)
    throw new WiringError({ pipeline: name, problem: `'${forbidden.join(".")}' is not a name that anything can have` })
  const older = formatFault(data)
  if (older !== undefined) throw new WiringError({ pipeline: name, problem: older })
  try {
    return Schema.decodeUnknownSync(PipelineFile, { onExcessProperty: "error" })(data)
  } catch (error) {
    throw new WiringError({ pipeline: name, problem: line(error) })
  }
}
