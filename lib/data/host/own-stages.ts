import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { Effect } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { UsageError } from "../../error/usage-error.ts"
import { WiringError } from "../../pipeline/errors.ts"
import type { Tables } from "../../pipeline/load.ts"
import { forbiddenNames } from "../../pipeline/pipeline-data.ts"
import type { StageDefinition } from "../../pipeline/settings.ts"
import { DataError } from "../data-error.ts"

/** What went wrong with a file of the user's, in one line that names it. */
export const fileFault = (file: string) => (cause: unknown) =>
  cause instanceof UsageError || cause instanceof WiringError ? cause : new DataError({ file, problem: oneLine(cause) })

/** Imports a file of code. Only what the user named on the command line may come here: importing runs it. */
export const importFile = (file: string) =>
  Effect.tryPromise({ try: () => import(pathToFileURL(resolve(file)).href) as Promise<object>, catch: fileFault(file) })

const isRow = (value: unknown): value is StageDefinition =>
  typeof value === "object" &&
  value !== null &&
  "name" in value &&
  typeof value.name === "string" &&
  "settings" in value &&
  "make" in value &&
  typeof value.make === "function"

/**
 * Tables with the kinds of stages that a file exports as `stages: [{ name, settings, make }, …]` beside those that are there; the
 * same tables where it exports none. Throws a `UsageError` for what is no kind of stage, or has the name of another.
 */
export const withStagesOf = <T extends Tables>(tables: T, file: string, module: object): T => {
  const rows: unknown = "stages" in module ? module.stages : []
  const refuse = (problem: string) => new UsageError({ problem: `${file}: ${problem}` })
  if (!Array.isArray(rows)) throw refuse("stages is no list of { name, settings, make }")
  const own = rows.map((row: unknown, index): readonly [string, StageDefinition] => {
    if (!isRow(row)) throw refuse(`stages[${index}] is no { name, settings, make }`)
    const { name } = row
    if (forbiddenNames.has(name) || !/^[\w-]+$/.test(name)) throw refuse(`stages[${index}]: '${name}' is no name for a stage`)
    const other = Object.hasOwn(tables.stages, name) ? tables.stages[name] : undefined
    if (other && other !== row) throw refuse(`there is a stage '${name}' already`)
    return [name, row]
  })
  return own.length === 0 ? tables : { ...tables, stages: { ...tables.stages, ...Object.fromEntries(own) } }
}

/** Tables with the kinds of stages of some files that the user named. Errors: `UsageError`, `DataError` for a file that fails. */
export const withStageFiles = <T extends Tables>(tables: T, files: readonly string[]) =>
  Effect.gen(function* () {
    let known = tables
    for (const file of files) {
      const module = yield* importFile(file)
      known = yield* Effect.try({ try: () => withStagesOf(known, file, module), catch: fileFault(file) })
    }
    return known
  })
