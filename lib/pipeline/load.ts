import type { Fields } from "../tensor/field.ts"
import { bound } from "./bind.ts"
import { WiringError } from "./errors.ts"
import { chain, type Pipeline, type PipelineChain, pipeline } from "./pipeline.ts"
import { checkPipelineFile, type PipelineFile } from "./pipeline-data.ts"
import { SettingsError, type StageDefinition } from "./settings.ts"
import type { Stage } from "./stage.ts"
import { noStages, type Task, type TaskFactories } from "./task.ts"
import type { Kind } from "./wiring.ts"
import { frozen, momentum } from "./with-weights.ts"

/** Kinds of stages by name. */
export interface StageTable {
  readonly [name: string]: StageDefinition
}

/** Tables that pipelines are loaded with. */
export interface Tables {
  readonly stages: StageTable
  readonly tasks: TaskFactories
}

const makeStage = (
  name: string,
  { stage: kind, as, settings, weights = "student", bind }: PipelineFile["stages"][number],
  tables: Tables
): Stage => {
  const refuse = (problem: string) => new WiringError({ pipeline: name, problem })
  const row = Object.hasOwn(tables.stages, kind) ? tables.stages[kind] : undefined
  if (!row) throw refuse(`there is no stage '${kind}', only ${Object.keys(tables.stages).sort().join(", ")}`)
  try {
    const made = row.make(settings, as)
    const stage = bind ? bound(made, bind) : made
    if (weights === "student") return stage
    if (stage.kind === "host") throw refuse(`${as} works on samples, so it has no parameters to run with momentum or frozen`)
    return weights === "teacher" ? momentum(stage) : frozen(stage, { ...weights, name: weights.frozen })
  } catch (error) {
    throw error instanceof SettingsError ? refuse(error.problem) : error
  }
}

const makeTask = (
  name: string,
  { task, settings, chain: own }: PipelineFile["tasks"][number],
  tables: Tables,
  make: (record: PipelineFile["stages"][number]) => Stage
): Task => {
  const refuse = (problem: string) => new WiringError({ pipeline: name, problem })
  const row = Object.hasOwn(tables.tasks, task) ? tables.tasks[task] : undefined
  if (!row) throw refuse(`there is no task '${task}', only ${Object.keys(tables.tasks).sort().join(", ")}`)
  const scoring = own ? piped(chain(own.fields), own.stages.map(make)) : noStages
  try {
    return row.make(settings, { start: scoring.start, stages: scoring.stages })
  } catch (error) {
    throw error instanceof SettingsError ? refuse(error.problem) : error
  }
}

/** Adds stages whose types are known only at run time to a chain: each is checked as it is added. */
const piped = <C extends { readonly pipe: (stage: never) => unknown }>(start: C, stages: readonly Stage[]): C =>
  stages.reduce((before, stage) => before.pipe(stage as never) as C, start)

/**
 * Loads a pipeline from JSON as `toData` writes it: `toData(loadPipeline(toData(p)))` and its digest equal those of `p`.
 *
 * Throws a `WiringError` with the messages that the compiler gives for a pipeline written in TypeScript, or with the error in a
 * setting. Names that could reach an object's prototype are rejected.
 */
export const loadPipeline = (data: unknown, tables: Tables): Pipeline => {
  const file = checkPipelineFile(data)
  const make = (record: PipelineFile["stages"][number]) => makeStage(file.name, record, tables)
  const start = Object.entries(file.parts ?? {}).reduce(
    (before, [name, { source, batch, stages }]) =>
      before.source(name, source, { batch }, (part) => piped(part, stages.map(make))) as typeof before,
    pipeline(file.name, file.source)
  )
  return file.tasks
    .map((record) => makeTask(file.name, record, tables, make))
    .reduce((before, task) => before.evaluate(task as never), piped<PipelineChain<Fields, Kind>>(start, file.stages.map(make)))
    .train(file.training, file.expected)
}
