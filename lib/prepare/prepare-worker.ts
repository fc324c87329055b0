import { parentPort, workerData } from "node:worker_threads"
import { NodeServices } from "@effect/platform-node"
import { Cause, Effect, Logger, Queue } from "effect"
import type { DataTables } from "../data/batch-job.ts"
import { serveBatches } from "../data/batch-worker.ts"
import { oneLine } from "../data/data-error.ts"
import { allowingUrls } from "../data/url/policy.ts"
import { lineLogger } from "../report/line-logger.ts"
import { openPrepareJob, type PrepareJob, type PrepareTask } from "./prepare-job.ts"

/** What a worker says: that it is ready or done with its task, how many samples it did, or why it cannot go on. */
export type PrepareReply =
  | { readonly kind: "ready" }
  | { readonly kind: "done" }
  | { readonly kind: "told"; readonly samples: number }
  | { readonly kind: "failure"; readonly message: string }

/** Samples between two messages of how many are done. */
const toldAtOnce = 20

/** The whole of a worker thread that does the tasks of the job in its `workerData`, one after the other. */
const servePrepare = (tables: DataTables): void => {
  const port = parentPort
  if (port === null) throw new Error("servePrepare runs in a worker thread")
  const reply = (message: PrepareReply) => port.postMessage(message)
  const serve = Effect.gen(function* () {
    const { run } = yield* openPrepareJob(workerData as PrepareJob, tables)
    const wanted = yield* Queue.unbounded<PrepareTask>()
    port.on("message", (task: PrepareTask) => Queue.offerUnsafe(wanted, task))
    reply({ kind: "ready" })
    while (true) {
      let untold = 0
      const tell = (least: number) => {
        if (untold >= least) reply({ kind: "told", samples: untold })
        if (untold >= least) untold = 0
      }
      yield* run(yield* Queue.take(wanted), (samples) => {
        untold += samples
        tell(toldAtOnce)
      })
      tell(1)
      reply({ kind: "done" })
    }
  }).pipe(
    Effect.catchCause((cause) => Effect.sync(() => reply({ kind: "failure", message: oneLine(Cause.squash(cause)) }))),
    Effect.scoped,
    allowingUrls((workerData as PrepareJob).allowUrls === true),
    Effect.provide([NodeServices.layer, Logger.layer([lineLogger])])
  )
  Effect.runFork(serve)
}

/** The whole of a worker thread, for whichever job it was given: the file that a worker starts with calls this with the tables. */
export const serveThread = (tables: DataTables): void =>
  (workerData as { readonly kind?: string } | null)?.kind === "prepare" ? servePrepare(tables) : serveBatches(tables)
