import { Worker } from "node:worker_threads"
import { Deferred, Effect } from "effect"
import { WorkerError } from "../data/batch-thread.ts"
import { oneLine } from "../data/data-error.ts"
import type { PrepareJob, PrepareTask, Told } from "./prepare-job.ts"
import type { PrepareReply } from "./prepare-worker.ts"

/**
 * Starts a worker thread on a job and waits until it is ready; gives what does a task there, one at a time. The thread ends with the
 * scope. A crash, then or later, is a `WorkerError` for the task that is waited for and for all that follow.
 */
export const openPrepareThread = Effect.fn("prepare.openThread")(function* (workerUrl: URL, job: PrepareJob, number: number) {
  let waiting = Deferred.makeUnsafe<void, WorkerError>()
  let stopped: WorkerError | undefined
  let told: Told = () => {}
  const stop = (reason: string) => {
    stopped ??= new WorkerError({ worker: number, reason })
    Deferred.doneUnsafe(waiting, Effect.fail(stopped))
  }
  const worker = yield* Effect.acquireRelease(
    Effect.sync(() => new Worker(workerUrl, { workerData: job })),
    (worker) => Effect.promise(() => worker.terminate())
  )
  worker.on("message", (reply: PrepareReply) => {
    if (reply.kind === "failure") stop(reply.message)
    else if (reply.kind === "told") told(reply.samples)
    else Deferred.doneUnsafe(waiting, Effect.void)
  })
  worker.on("error", (error) => stop(oneLine(error)))
  worker.on("messageerror", (error) => stop(oneLine(error)))
  worker.on("exit", (code) => stop(`the thread ended (status ${code})`))
  yield* Deferred.await(waiting)
  return Effect.fnUntraced(function* (task: PrepareTask, tell: Told) {
    if (stopped) return yield* stopped
    waiting = Deferred.makeUnsafe()
    told = tell
    worker.postMessage(task)
    yield* Deferred.await(waiting)
  })
})
