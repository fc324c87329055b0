import { Worker, type WorkerOptions } from "node:worker_threads"
import { Effect, type Scope } from "effect"
import { EngineError } from "./engine.ts"

/** A request to an engine's worker; every protocol has `close`. */
export interface AnyRequest {
  readonly kind: string
}
/** Type of the answer to each kind of request. */
export type AnyAnswers<R extends AnyRequest> = { readonly [K in R["kind"]]: unknown }

/** Sends a request to the worker; answers come in the order of the requests. */
export type AskOf<R extends AnyRequest, A extends AnyAnswers<R>> = <K extends R["kind"]>(
  request: Extract<R, { kind: K }>,
  doing: string
) => Effect.Effect<A[K], EngineError>

export interface Asked<R> {
  readonly id: number
  readonly request: R
}
export type Answered = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly reason: string }

interface Waiting {
  readonly doing: string
  readonly done: (answer: Effect.Effect<never, EngineError>) => void
}

/** Definition of a worker to start. */
export interface WorkerSpec<R extends AnyRequest> {
  /** The engine's name, for errors. */
  readonly engine: string
  readonly file: URL
  readonly options: WorkerOptions
  /**
   * Returns a request whose arrays span their own memory, and that memory, which is transferred: so nothing is copied twice (nor
   * the whole buffer of which an array is a view).
   */
  readonly owned: (request: R) => { readonly request: R; readonly moved: readonly ArrayBuffer[] }
}

const start = <R extends AnyRequest, A extends AnyAnswers<R>>({ engine, file, options, owned }: WorkerSpec<R>) => {
  const failure = (doing: string, reason: string): EngineError => new EngineError({ engine, doing, reason })
  const worker = new Worker(file, options)
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
    asked?.done(
      "reason" in answer
        ? Effect.fail(failure(asked.doing, answer.reason))
        : (Effect.succeed(answer.value) as Effect.Effect<never>)
    )
  })
  worker.on("error", (error) => stop(`its worker failed: ${error instanceof Error ? error.message : String(error)}`))
  worker.on("exit", (code) => stop(`its worker stopped with code ${code}`))
  const ask: AskOf<R, A> = (request, doing) =>
    Effect.callback((resume) => {
      if (stopped !== undefined) return resume(Effect.fail(failure(doing, stopped)))
      const id = count++
      waiting.set(id, { doing, done: resume })
      worker.ref()
      const own = owned(request)
      worker.postMessage({ id, request: own.request } satisfies Asked<R>, [...own.moved])
    })
  return { worker, ask }
}

/** Starts the worker thread of a session; it is asked to close, and terminated, with the scope. */
export const openWorkerOf = <R extends AnyRequest, A extends AnyAnswers<R>>(
  spec: WorkerSpec<R>,
  close: Extract<R, { kind: "close" }>
): Effect.Effect<AskOf<R, A>, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => start<R, A>(spec)),
      ({ worker, ask }) =>
        Effect.andThen(
          Effect.ignore(ask(close, "closing")),
          Effect.promise(() => worker.terminate())
        )
    ),
    ({ ask }) => ask
  )
