import { resolve } from "node:path"
import { Effect, Option } from "effect"
import { findPipeline } from "../data/host/find-pipeline.ts"
import { withStageFiles } from "../data/host/own-stages.ts"
import { UsageError } from "../error/usage-error.ts"
import { overridden } from "../pipeline/override.ts"
import type { CliTables } from "./tables.ts"

/** Arguments of a command that name a pipeline, and the changes to it. */
export interface PipelineFlags {
  readonly pipeline: string
  readonly set: readonly string[]
  readonly data?: Option.Option<string>
  readonly stages?: Option.Option<string>
}

/** Returns the tables with the stages of the file that `--stages` names. Errors: `UsageError`, `DataError`. */
export const tablesOf = (stages: Option.Option<string>, tables: CliTables) => withStageFiles(tables, Option.toArray(stages))

/**
 * Returns the pipeline of a command's arguments, with `--data` and `--set` applied; the tables with the stages of the user's own
 * files; and those files, which workers import too. Errors: `UsageError`, or the error in a file.
 */
export const pipelineOf = Effect.fn("cli.pipelineOf")(function* (flags: PipelineFlags, given: CliTables) {
  const { pipeline: name, set, data = Option.none(), stages = Option.none() } = flags
  const found = yield* findPipeline(name, given.pipelines, yield* tablesOf(stages, given))
  const { tables } = found
  const sets = [...Option.match(data, { onNone: () => [], onSome: (train) => [`source.train=${JSON.stringify(train)}`] }), ...set]
  const pipeline = yield* Effect.try({
    try: () => overridden(found.pipeline, sets, tables),
    catch: (cause) => (cause instanceof UsageError ? cause : new UsageError({ problem: String(cause) }))
  })
  return { pipeline, tables, files: [...Option.toArray(stages).map((file) => resolve(file)), ...found.files] }
})
