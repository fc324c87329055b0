import { Effect, Option } from "effect"
import { findPipeline } from "../pipeline/find-pipeline.ts"
import { overridden } from "../pipeline/override.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { UsageError } from "../pipeline/usage-error.ts"
import type { CliTables } from "./tables.ts"

/** Which pipeline a command was given, and what is to be changed in it. */
export interface PipelineFlags {
  readonly pipeline: string
  readonly set: readonly string[]
  readonly data?: Option.Option<string>
}

/** The pipeline that a command was given, with `--data` and `--set` applied. Errors: `UsageError`, or what is wrong with its file. */
export const pipelineOf = Effect.fn("cli.pipelineOf")(function* (flags: PipelineFlags, tables: CliTables) {
  const { pipeline: name, set, data = Option.none() } = flags
  const found: Pipeline = yield* findPipeline(name, tables.pipelines, tables)
  const sets = [...Option.match(data, { onNone: () => [], onSome: (train) => [`source.train=${JSON.stringify(train)}`] }), ...set]
  return yield* Effect.try({
    try: () => overridden(found, sets, tables),
    catch: (cause) => (cause instanceof UsageError ? cause : new UsageError({ problem: String(cause) }))
  })
})
