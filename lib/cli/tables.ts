import type { PipelineTable } from "../data/host/find-pipeline.ts"
import type { DataTables } from "../data/host/host-stages.ts"
import type { Engine } from "../engine/engine.ts"
import type { Measures } from "../explain/explain.ts"
import type { TaskTable } from "../task/task.ts"

/** Engines by name, each loaded on demand: one that is not installed fails at that time, with the reason. */
export interface EngineTable {
  readonly [name: string]: () => Promise<Engine>
}

/** Tables of everything that commands find by name: the command line itself knows no stage, task, source, pipeline or engine. */
export interface CliTables extends DataTables {
  readonly version: string
  readonly tasks: TaskTable
  readonly pipelines: PipelineTable
  readonly engines: EngineTable
  /** Module that a data worker starts with: it calls `serveBatches` with the same stages and sources. */
  readonly workerUrl: URL
  /** Functions that measure programs, for `explain`. */
  readonly measures?: Measures
}
