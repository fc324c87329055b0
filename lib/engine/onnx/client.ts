import { Worker } from "node:worker_threads"
import { Effect, type Scope } from "effect"
import { EngineError } from "../engine.ts"
import type { Answered, Answers, Request, WorkerStart } from "./protocol.ts"

/** Asks the worker for something; answers come in the order of the requests. */
export type Ask = <K extends Request["kind"]>(
  request: Extract<Request, { kind: K }>,
  doing: string
) => Effect.Effect<Answers[K], EngineError>

/** Arrays of its own that a request carries: they are handed over, so that nothing is copied twice (nor all of what a view is part of). */
const owned = <R extends Request>(request: R): { readonly request: R; readonly moved: ArrayBuffer[] } => {
  if (request.kind === "compile") return { request, moved: [] }
  if (request.kind === "write") {
    const numbers = request.numbers.slice()
    return { request: { ...request, numbers }, moved: [numbers.buffer] }
  }
  if (request.kind !== "run") return { request, moved: [] }
  const feeds = Object.fromEntries(Object.entries(request.feeds).map(([name, numbers]) => [name, numbers.slice()]))
  return { request: { ...request, feeds }, moved: Object.values(feeds).map(({ buffer }) => buffer) }
}

const failure = (doing: string, reason: string): EngineError => new EngineError({ engine: "onnx", doing, reason })

interface Waiting {
  readonly doing: string
  readonly done: (answer: Effect.Effect<Answers[keyof Answers], EngineError>) => void
}

/** The worker's file: TypeScript as it is under Node's type stripping, or compiled JavaScript. */
const workerFile = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url)

const start = (data: WorkerStart, file: URL): { readonly worker: Worker; readonly ask: Ask } => {
  const worker = new Worker(file, { workerData: data })
  worker.unref()
  const waiting = new Map<number, Waiting>()
  let stopped: string | undefined
  let count = 0
  const stop = (reason: string): void => {
    stopped ??= reason
    for (const { doing, done } of waiting.values()) done(Effect.fail(failure(doing, stopped)))
    waiting.clear()
  }
  worker.on("message", (answer: Answered) => {
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (waiting.size === 0) worker.unref()
    asked?.done("reason" in answer ? Effect.fail(failure(asked.doing, answer.reason)) : Effect.succeed(answer.value))
  })
  worker.on("error", (error) => stop(`its worker failed: ${error instanceof Error ? error.message : String(error)}`))
  worker.on("exit", (code) => stop(`its worker stopped with code ${code}`))
  const ask: Ask = (request, doing) =>
    Effect.callback((resume) => {
      if (stopped !== undefined) return resume(Effect.fail(failure(doing, stopped)))
      const id = count++
      waiting.set(id, { doing, done: resume as Waiting["done"] })
      worker.ref()
      const { request: own, moved } = owned(request)
      worker.postMessage({ id, request: own }, moved)
    })
  return { worker, ask }
}

/** Starts the worker thread of a session; it is closed and terminated with the scope. */
export const openWorker = (data: WorkerStart, file: URL = workerFile): Effect.Effect<Ask, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => start(data, file)),
      ({ worker, ask }) =>
        Effect.andThen(
          Effect.ignore(ask({ kind: "close" }, "closing")),
          Effect.promise(() => worker.terminate())
        )
    ),
    ({ ask }) => ask
  )
