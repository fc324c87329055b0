import { Worker } from "node:worker_threads"
import { Deferred, Effect, Schema } from "effect"
import { oneLine } from "../error/one-line.ts"

/** A worker thread that stopped: which, and why. */
export class WorkerError extends Schema.TaggedError<WorkerError>()("WorkerError", {
  worker: Schema.Int,
  reason: Schema.String
}) {
  override get message(): string {
    return `data worker ${this.worker}: ${this.reason}`
  }
}

/**
 * The heap of a thread. By the machine's memory V8 would give each thread gigabytes, and let garbage grow to four times of what is in
 * use: `prepare` by two threads then takes 1.5 times as much memory, in the same time. Buffers are not of the heap.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 1000 }

/** What a thread says: that it is ready, the answer to its task, how far it is, or why it cannot go on. */
export type ThreadReply<Answer, News> =
  | { readonly kind: "ready" }
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "news"; readonly news: News }
  | { readonly kind: "failure"; readonly message: string }

/**
 * Starts a worker thread on a job and waits until it is ready; gives what does a task there, one at a time. The thread ends with the
 * scope. A crash, then or later, is a `WorkerError` for the task that is waited for and for all that follow.
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
  return Effect.fnUntraced(function* (task: Task, told: (news: News) => void = () => {}) {
    if (stopped) return yield* stopped
    waiting = Deferred.makeUnsafe()
    tell = told
    worker.postMessage(task)
    return (yield* Deferred.await(waiting)) as Answer // undefined is for readiness alone
  })
})
