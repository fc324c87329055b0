import { Worker } from "node:worker_threads"
import { Deferred, Effect, Schema } from "effect"
import type { Batch } from "./batch.ts"
import type { BatchJob } from "./batch-job.ts"
import type { WorkerReply } from "./batch-worker.ts"
import { oneLine } from "./data-error.ts"

/** A worker thread that stopped: which, and why. */
export class WorkerError extends Schema.TaggedError<WorkerError>()("WorkerError", {
  worker: Schema.Int,
  reason: Schema.String
}) {
  override get message(): string {
    return `data worker ${this.worker}: ${this.reason}`
  }
}

/** The file beside a module, with the module's own extension: `.ts` in a clone, `.js` where it was compiled. */
export const besideModule = (name: string, moduleUrl: string): URL =>
  new URL(`./${name}${moduleUrl.endsWith(".ts") ? ".ts" : ".js"}`, moduleUrl)

/**
 * Starts a worker thread on a job and waits until it is ready; gives what makes a batch there, one at a time. The thread ends with
 * the scope. A crash, then or later, is a `WorkerError` for the batch that is waited for and for all that follow.
 */
export const openBatchThread = Effect.fn("data.openBatchThread")(function* (workerUrl: URL, job: BatchJob, number: number) {
  let waiting = Deferred.makeUnsafe<Batch | undefined, WorkerError>()
  let stopped: WorkerError | undefined
  const stop = (reason: string) => {
    stopped ??= new WorkerError({ worker: number, reason })
    Deferred.doneUnsafe(waiting, Effect.fail(stopped))
  }
  const worker = yield* Effect.acquireRelease(
    Effect.sync(() => new Worker(workerUrl, { workerData: job })),
    (worker) => Effect.promise(() => worker.terminate())
  )
  worker.on("message", (reply: WorkerReply) => {
    if (reply.kind === "failure") stop(reply.message)
    else Deferred.doneUnsafe(waiting, Effect.succeed(reply.kind === "batch" ? reply.batch : undefined))
  })
  worker.on("error", (error) => stop(oneLine(error)))
  worker.on("messageerror", (error) => stop(oneLine(error)))
  worker.on("exit", (code) => stop(`the thread ended (status ${code})`))
  yield* Deferred.await(waiting)
  const make = Effect.fnUntraced(function* (index: number) {
    if (stopped) return yield* stopped
    waiting = Deferred.makeUnsafe()
    worker.postMessage(index)
    const batch = yield* Deferred.await(waiting)
    return batch!
  })
  return make
})
