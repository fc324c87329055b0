import { Worker } from "node:worker_threads"
import { Deferred, Effect, Schema } from "effect"
import { oneLine } from "../error/one-line.ts"

/** A worker thread that stopped: its name and the reason. */
export class WorkerError extends Schema.TaggedError<WorkerError>()("WorkerError", {
  worker: Schema.Int,
  reason: Schema.String
}) {
  override get message(): string {
    return `data worker ${this.worker}: ${this.reason}`
  }
}

/**
 * Heap limits of a thread. By default V8 sizes each thread's heap by the machine's memory, gigabytes, and lets garbage grow to
 * four times the memory in use: `prepare` with two threads then takes 1.5 times as much memory, in the same time. Buffers are not
 * on the heap.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 1000 }

/** Message from a thread: ready, the answer to its task, its progress, or the reason why it cannot continue. */
export type ThreadReply<Answer, News> =
  | { readonly kind: "ready" }
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "news"; readonly news: News }
  | { readonly kind: "failure"; readonly message: string }

/**
 * Starts a worker thread on a job and waits until it is ready; returns a function that runs a task there, one at a time. The
 * thread ends with the scope. A crash, then or later, is a `WorkerError` for the pending task and for all later ones.
 */
export const openJobThread = Effect.fn("data.openJobThread")(function* <Task, Answer, News = never>(
  workerUrl: URL,
  job: unknown,
  number: number
) {
  let waiting = Deferred.makeUnsafe<Answer | undefined, WorkerError>()
  let stopped: WorkerError | undefined
  let tell: (news: News) => void = () => {}
  const stop = (reason: string) => {
    stopped ??= new WorkerError({ worker: number, reason })
    Deferred.doneUnsafe(waiting, Effect.fail(stopped))
  }
  const worker = yield* Effect.acquireRelease(
    Effect.sync(() => new Worker(workerUrl, { workerData: job, resourceLimits })),
    (worker) => Effect.promise(() => worker.terminate())
  )
  worker.on("message", (reply: ThreadReply<Answer, News>) => {
    if (reply.kind === "failure") stop(reply.message)
    else if (reply.kind === "news") tell(reply.news)
    else Deferred.doneUnsafe(waiting, Effect.succeed(reply.kind === "answer" ? reply.answer : undefined))
  })
  worker.on("error", (error) => stop(oneLine(error)))
  worker.on("messageerror", (error) => stop(oneLine(error)))
  worker.on("exit", (code) => stop(`the thread ended (status ${code})`))
  yield* Deferred.await(waiting)
  return Effect.fnUntraced(function* (task: Task, onNews: (news: News) => void = () => {}) {
    if (stopped) return yield* stopped
    waiting = Deferred.makeUnsafe()
    tell = onNews
    worker.postMessage(task)
    return (yield* Deferred.await(waiting)) as Answer // undefined is the answer only to readiness
  })
})
