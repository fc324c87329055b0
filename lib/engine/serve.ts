import type { MessagePort } from "node:worker_threads"
import type { Numbers } from "./engine.ts"
import type { Answered, Asked } from "./worker-client.ts"

const oneLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").trim()

/** Returns the memory of arrays that span their whole buffer, which can be transferred instead of copied. */
export const wholeMemory = (arrays: readonly Numbers[]): ArrayBuffer[] => [
  ...new Set(arrays.filter((array) => array.byteLength === array.buffer.byteLength).map((array) => array.buffer as ArrayBuffer))
]

/**
 * Answers an engine's requests in its worker, one after another, in the order they came; an error that `handle` throws is
 * returned as the answer's reason.
 */
export const serve = <R>(
  port: MessagePort,
  handle: (request: R) => unknown,
  handedOver: (request: R, value: unknown) => ArrayBuffer[]
): void => {
  let last: Promise<void> = Promise.resolve()
  port.on("message", ({ id, request }: Asked<R>) => {
    last = last.then(async () => {
      try {
        const value = await handle(request)
        port.postMessage({ id, value } satisfies Answered, handedOver(request, value))
      } catch (error) {
        port.postMessage({ id, reason: oneLine(error) } satisfies Answered)
      }
    })
  })
}
