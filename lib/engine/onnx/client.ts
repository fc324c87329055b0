import type { Effect, Scope } from "effect"
import { besideModule } from "../../thread/beside-module.ts"
import { type AskOf, openWorkerOf } from "../worker-client.ts"
import type { Answers, Request, WorkerStart } from "./protocol.ts"

/** Sends a request to the worker; answers come in the order of the requests. */
export type Ask = AskOf<Request, Answers>

const owned = (request: Request): { readonly request: Request; readonly moved: ArrayBuffer[] } => {
  if (request.kind === "write") {
    const numbers = request.numbers.slice()
    return { request: { ...request, numbers }, moved: [numbers.buffer] }
  }
  if (request.kind !== "run") return { request, moved: [] }
  const feeds = Object.fromEntries(Object.entries(request.feeds).map(([name, numbers]) => [name, numbers.slice()]))
  return { request: { ...request, feeds }, moved: Object.values(feeds).map(({ buffer }) => buffer) }
}

/** Starts the worker thread of a session; it is closed and terminated with the scope. */
export const openWorker = (
  data: WorkerStart,
  file: URL = besideModule("worker", import.meta.url)
): Effect.Effect<Ask, never, Scope.Scope> =>
  openWorkerOf<Request, Answers>({ engine: "onnx", file, options: { workerData: data }, owned }, { kind: "close" })
