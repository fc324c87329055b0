import { createServer } from "node:http"
import { Effect, Schema } from "effect"
import { PrometheusMetrics } from "effect/observability"

/** The port for a worker's health endpoint is in use. */
export class HealthPortTaken extends Schema.TaggedError<HealthPortTaken>()("HealthPortTaken", {
  port: Schema.Int,
  reason: Schema.String
}) {
  override get message(): string {
    return `--port ${this.port}: ${this.reason}`
  }
}

/** State of a worker. */
export interface Health {
  readonly healthy: boolean
  readonly [name: string]: string | number | boolean
}

/**
 * Serves `/health` (200 or 503, as JSON) and `/metrics` (Prometheus) on 127.0.0.1 until the scope closes; port 0 is any free one.
 * Returns the port.
 */
export const serveHealth = Effect.fn("worker.serveHealth")(function* (port: number, health: () => Health) {
  const context = yield* Effect.context<never>()
  const server = createServer((request, response) => {
    const send = (status: number, type: string, text: string) => {
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" })
      response.end(text)
    }
    if (request.method !== "GET") return send(405, "text/plain", "GET only\n")
    if (request.url === "/health") {
      const state = health()
      return send(state.healthy ? 200 : 503, "application/json", `${JSON.stringify(state)}\n`)
    }
    if (request.url === "/metrics") return send(200, "text/plain; version=0.0.4", PrometheusMetrics.formatUnsafe(context))
    return send(404, "text/plain", "/health or /metrics\n")
  })
  yield* Effect.acquireRelease(
    Effect.callback<void, HealthPortTaken>((resume) => {
      server.once("error", (error) => resume(Effect.fail(new HealthPortTaken({ port, reason: error.message }))))
      server.listen(port, "127.0.0.1", () => resume(Effect.void))
    }),
    () =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  )
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : port
})
