import type { Effect } from "effect"
import type { DataTables } from "../../data/host/host-stages.ts"
import type { Engine } from "../../engine/engine.ts"
import type { QueueUrls } from "../../job/send-jobs.ts"
import type { TaskTable } from "../../task/task.ts"
import type { Fault } from "../handler.ts"

/** What a worker's jobs are done with: all of it by the worker's own settings. */
export interface HandlerConfig {
  readonly tables: DataTables & { readonly tasks: TaskTable }
  readonly engine: Effect.Effect<Engine, Fault>
  readonly threads: number
  /** Where vocabularies, prepared samples and fetched shards are kept. */
  readonly cache: string
  readonly urls: QueueUrls
  /** Sources besides the embedded ones that jobs may read, by their exact names. */
  readonly allowedData: ReadonlySet<string>
}
