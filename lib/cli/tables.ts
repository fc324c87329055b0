import type { PipelineTable } from "../data/host/find-pipeline.ts"
import type { DataTables } from "../data/host/host-stages.ts"
import type { Engine } from "../engine/engine.ts"
import type { Measures } from "../explain/explain.ts"
import type { TaskTable } from "../task/task.ts"

/** Engines by name, each loaded when it is asked for: one that is not installed fails then, and says why. */
export interface EngineTable {
  readonly [name: string]: () => Promise<Engine>
}

/** Everything that commands find by name: the command line knows no stage, task, source, pipeline or engine by itself. */
export interface CliTables extends DataTables {
  readonly version: string
  readonly tasks: TaskTable
  readonly pipelines: PipelineTable
  readonly engines: EngineTable
  /** The file that a data worker starts with: it calls `serveBatches` with the same stages and sources. */
  readonly workerUrl: URL
  /** Functions that measure programs, for `explain`. */
  readonly measures?: Measures
}
