import { resolve } from "node:path"
import { Effect, FileSystem } from "effect"
import { UsageError } from "../../error/usage-error.ts"
import { loadPipeline, type Tables } from "../../pipeline/load.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import { fileFault, importFile, withStagesOf } from "./own-stages.ts"

/** The pipelines that can be named, each loaded on demand. */
export interface PipelineTable {
  readonly [name: string]: () => Promise<Pipeline>
}

const looksLikePath = (name: string): boolean => /[/\\]/.test(name) || /\.(ts|mts|js|mjs|json)(#\w+)?$/.test(name)

const isPipeline = (value: unknown): value is Pipeline =>
  typeof value === "object" &&
  value !== null &&
  "stages" in value &&
  Array.isArray(value.stages) &&
  "training" in value &&
  "tasks" in value

/** Returns the one pipeline that a module exports, or the one that is named. Throws a `UsageError`. */
const exported = (file: string, module: object, wanted: string | undefined): Pipeline => {
  const found = Object.entries(module).filter(([, value]) => isPipeline(value))
  const names = found
    .map(([name]) => name)
    .sort()
    .join(", ")
  const chosen = wanted === undefined ? (found.length === 1 ? found[0] : undefined) : found.find(([name]) => name === wanted)
  if (chosen) return chosen[1]
  const problem =
    found.length === 0
      ? "exports no pipeline (a value that ends in .train(…))"
      : wanted === undefined
        ? `exports several pipelines; choose one by ${file}#NAME: ${names}`
        : `exports no pipeline '${wanted}', only ${names}`
  throw new UsageError({ problem: `${file} ${problem}` })
}

/** A pipeline, the tables with which it can be loaded, and the user's files that these include. */
export interface FoundPipeline<T extends Tables> {
  readonly pipeline: Pipeline
  readonly tables: T
  readonly files: readonly string[]
}

const fromFile = <T extends Tables>(name: string, tables: T) =>
  Effect.gen(function* () {
    const [file = name, wanted] = name.split("#")
    const path = resolve(file)
    const files = yield* FileSystem.FileSystem
    const there = yield* files.exists(path).pipe(Effect.orElseSucceed(() => false))
    if (!there) return yield* new UsageError({ problem: `there is no file ${file}` })
    if (file.endsWith(".json")) {
      const text = yield* files.readFileString(path).pipe(Effect.mapError(fileFault(file)))
      const pipeline = yield* Effect.try({
        try: () => {
          const data: unknown = JSON.parse(text)
          // A run's pipeline.json has its digest beside it.
          const inner = typeof data === "object" && data !== null && "pipeline" in data ? data.pipeline : data
          return loadPipeline(inner, tables)
        },
        catch: fileFault(file)
      })
      const found: FoundPipeline<T> = { pipeline, tables, files: [] }
      return found
    }
    const module = yield* importFile(file)
    return yield* Effect.try({
      try: (): FoundPipeline<T> => ({
        pipeline: exported(file, module, wanted),
        tables: withStagesOf(tables, file, module),
        files: [path]
      }),
      catch: fileFault(file)
    })
  })

/**
 * Finds the pipeline that a command's PIPELINE names: one of a table, the one that a .ts file exports (`file.ts#NAME` where it
 * exports several), or a pipeline as JSON such as a run's pipeline.json. A .ts file may export `stages` of its own beside its
 * pipeline.
 *
 * Errors: `UsageError` where there is none; any problem with the file itself, in one line.
 */
export const findPipeline = <T extends Tables>(name: string, pipelines: PipelineTable, tables: T) =>
  Effect.gen(function* () {
    if (Object.hasOwn(pipelines, name)) {
      const pipeline = yield* Effect.tryPromise({ try: pipelines[name]!, catch: fileFault(name) })
      const found: FoundPipeline<T> = { pipeline, tables, files: [] }
      return found
    }
    if (looksLikePath(name)) return yield* fromFile(name, tables)
    const known = Object.keys(pipelines).sort().join(", ")
    return yield* new UsageError({ problem: `there is no pipeline '${name}'; there is ${known}, or give the path of a .ts file` })
  }).pipe(Effect.withSpan("pipeline.findPipeline"))
