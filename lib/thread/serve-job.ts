import { parentPort, workerData } from "node:worker_threads"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Logger, Queue, type Scope } from "effect"
import { oneLine } from "../error/one-line.ts"
import { lineLogger } from "../log/line-logger.ts"
import type { ThreadReply } from "./job-thread.ts"

/** Runs one task of a job; `tell` reports its progress. */
export type DoTask<Task, Answer, News, R> = (task: Task, tell: (news: News) => void) => Effect.Effect<Answer, unknown, R>

/** Services available to every job in a thread. */
type Services = NodeServices.NodeServices | Scope.Scope

/**
 * Serves in a worker thread: runs the tasks of the job in its `workerData` one after another, in the order in which
 * `openJobThread` sends them; the memory of an answer that `moved` names is transferred instead of copied.
 */
export const serveJob = <Job, Task, Answer, News = never>(
  open: (job: Job) => Effect.Effect<DoTask<Task, Answer, News, Services>, unknown, Services>,
  moved: (answer: Answer) => ArrayBuffer[] = () => []
): void => {
  const port = parentPort
  if (port === null) throw new Error("serveJob runs in a worker thread")
  const reply = (message: ThreadReply<Answer, News>, handedOver: ArrayBuffer[] = []) => port.postMessage(message, handedOver)
  const serve = Effect.gen(function* () {
    const run = yield* open(workerData as Job)
    const wanted = yield* Queue.unbounded<Task>()
    port.on("message", (task: Task) => Queue.offerUnsafe(wanted, task))
    reply({ kind: "ready" })
    while (true) {
      const answer = yield* run(yield* Queue.take(wanted), (news) => reply({ kind: "news", news }))
      reply({ kind: "answer", answer }, moved(answer))
    }
  }).pipe(
    Effect.catchCause((cause) => Effect.sync(() => reply({ kind: "failure", message: oneLine(Cause.squash(cause)) }))),
    Effect.scoped,
    Effect.provide([NodeServices.layer, Logger.layer([lineLogger])])
  )
  Effect.runFork(serve)
}
