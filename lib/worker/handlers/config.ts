import type { Effect } from "effect"
import type { DataTables } from "../../data/host/host-stages.ts"
import type { Engine } from "../../engine/engine.ts"
import type { QueueUrls } from "../../job/send-jobs.ts"
import type { TaskTable } from "../../task/task.ts"
import type { Fault } from "../handler.ts"

/** Configuration of a worker's jobs, all of it from the worker's own settings. */
export interface HandlerConfig {
  readonly tables: DataTables & { readonly tasks: TaskTable }
  readonly engine: Effect.Effect<Engine, Fault>
  readonly threads: number
  /** Folder of vocabularies, cached samples and fetched shards. */
  readonly cache: string
  readonly urls: QueueUrls
  /** Sources that jobs may read besides the embedded ones, by their exact names. */
  readonly allowedData: ReadonlySet<string>
}
