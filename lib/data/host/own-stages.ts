import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { Effect } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { UsageError } from "../../error/usage-error.ts"
import { WiringError } from "../../pipeline/errors.ts"
import type { Tables } from "../../pipeline/load.ts"
import { forbiddenNames } from "../../pipeline/pipeline-data.ts"
import { DataError } from "../data-error.ts"

/** Returns the error of a user's file, in one line that names it. */
export const fileFault = (file: string) => (cause: unknown) =>
  cause instanceof UsageError || cause instanceof WiringError ? cause : new DataError({ file, problem: oneLine(cause) })

/** Imports a file of code. Only a file that the user named on the command line may be passed: importing runs it. */
export const importFile = (file: string) =>
  Effect.tryPromise({ try: () => import(pathToFileURL(resolve(file)).href) as Promise<object>, catch: fileFault(file) })

interface Row {
  readonly name: string
}

/** Exports that a user's file may have, and the functions that each exported definition has beside its name and its settings. */
const kinds = { stages: ["make"], tasks: ["make", "measure"] } as const

const isRow = (value: unknown, functions: readonly string[]): value is Row =>
  typeof value === "object" &&
  value !== null &&
  "name" in value &&
  typeof value.name === "string" &&
  "settings" in value &&
  functions.every((name) => typeof (value as { readonly [name: string]: unknown })[name] === "function")

/** Returns the definitions that a file exports under a name, beside the known ones. Throws a `UsageError`. */
const rowsOf = (kind: keyof typeof kinds, known: { readonly [name: string]: Row }, file: string, module: object) => {
  const rows: unknown = kind in module ? (module as { readonly [name: string]: unknown })[kind] : []
  const one = kind.slice(0, -1)
  const shape = `{ name, settings, ${kinds[kind].join(", ")} }`
  const refuse = (problem: string) => new UsageError({ problem: `${file}: ${problem}` })
  if (!Array.isArray(rows)) throw refuse(`${kind} is no list of ${shape}`)
  const own = rows.map((row: unknown, index): readonly [string, Row] => {
    if (!isRow(row, kinds[kind])) throw refuse(`${kind}[${index}] is no ${shape}`)
    const { name } = row
    if (forbiddenNames.has(name) || !/^[\w-]+$/.test(name)) throw refuse(`${kind}[${index}]: '${name}' is no name for a ${one}`)
    const other = Object.hasOwn(known, name) ? known[name] : undefined
    if (other && other !== row) throw refuse(`there is a ${one} '${name}' already`)
    return [name, row]
  })
  return own.length === 0 ? known : { ...known, ...Object.fromEntries(own) }
}

/**
 * Returns tables with the kinds of stages that a file exports as `stages: [{ name, settings, make }, …]`, and of tasks as `tasks`
 * (results of `defineTask`), beside the known ones. Throws a `UsageError` for any other export, or one with the name of another.
 */
export const withStagesOf = <T extends Tables>(tables: T, file: string, module: object): T => ({
  ...tables,
  stages: rowsOf("stages", tables.stages, file, module),
  tasks: rowsOf("tasks", tables.tasks, file, module)
})

/**
 * Returns tables with the kinds of stages of files that the user named. Errors: `UsageError`, `DataError` for a file that fails.
 */
export const withStageFiles = <T extends Tables>(tables: T, files: readonly string[]) =>
  Effect.gen(function* () {
    let known = tables
    for (const file of files) {
      const module = yield* importFile(file)
      known = yield* Effect.try({ try: () => withStagesOf(known, file, module), catch: fileFault(file) })
    }
    return known
  })
