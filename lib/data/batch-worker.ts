import { parentPort, workerData } from "node:worker_threads"
import { NodeServices } from "@effect/platform-node"
import { Cause, Effect, Logger, Queue } from "effect"
import { lineLogger } from "../report/line-logger.ts"
import type { Batch } from "./batch.ts"
import { type BatchJob, type DataTables, openBatchJob } from "./batch-job.ts"
import { oneLine } from "./data-error.ts"

/** What a worker says: that it is ready, a batch that was asked for, or why there is none. */
export type WorkerReply =
  | { readonly kind: "ready" }
  | { readonly kind: "batch"; readonly batch: Batch }
  | { readonly kind: "failure"; readonly message: string }

const buffers = (batch: Batch): ArrayBuffer[] => Object.values(batch.feeds).map((numbers) => numbers.buffer as ArrayBuffer)

/**
 * The whole of a worker thread that makes batches of the job in its `workerData`: the file that a worker starts with calls this
 * with the tables of stages and sources. Messages are indices of batches; each is answered in turn, its numbers moved, not copied.
 */
export const serveBatches = (tables: DataTables): void => {
  const port = parentPort
  if (port === null) throw new Error("serveBatches runs in a worker thread")
  const reply = (message: WorkerReply, moved: ArrayBuffer[] = []) => port.postMessage(message, moved)
  const serve = Effect.gen(function* () {
    const { make } = yield* openBatchJob(workerData as BatchJob, tables)
    const wanted = yield* Queue.unbounded<number>()
    port.on("message", (index: number) => Queue.offerUnsafe(wanted, index))
    reply({ kind: "ready" })
    while (true) {
      const batch = yield* make(yield* Queue.take(wanted))
      reply({ kind: "batch", batch }, buffers(batch))
    }
  }).pipe(
    Effect.catchCause((cause) => Effect.sync(() => reply({ kind: "failure", message: oneLine(Cause.squash(cause)) }))),
    Effect.scoped,
    Effect.provide([NodeServices.layer, Logger.layer([lineLogger])])
  )
  Effect.runFork(serve)
}
