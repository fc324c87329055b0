import { Effect, Schema, type Scope } from "effect"
import { localCredentials, localRegion } from "../aws/local-credentials.ts"

/** A local queue server that could not be started: not installed, or its port is in use. */
export class LocalServerFailed extends Schema.TaggedError<LocalServerFailed>()("LocalServerFailed", {
  reason: Schema.String
}) {
  override get message(): string {
    return `local queues: ${this.reason}`
  }
}

const started = async (port: number) => {
  const { buildApp } = await import("fauxqs")
  const app = buildApp({ logger: false })
  // The package's own start function listens on every interface.
  const endpoint = await app.listen({ host: "127.0.0.1", port })
  return { app, endpoint }
}

const words = (error: unknown): string =>
  error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND"
    ? "fauxqs is not installed; npm install fauxqs@2.4.1"
    : String(error instanceof Error ? error.message : error).split("\n", 1)[0]!

/**
 * Starts a server that speaks SQS in this process, on 127.0.0.1 only, until the scope closes; its queues are in memory. Port 0 is
 * any free one. Returns its endpoint, `http://127.0.0.1:PORT`.
 */
export const localQueueServer: (port?: number) => Effect.Effect<string, LocalServerFailed, Scope.Scope> = Effect.fn(
  "queue.localQueueServer"
)(function* (port: number = 0) {
  const { endpoint } = yield* Effect.acquireRelease(
    Effect.tryPromise({ try: () => started(port), catch: (error) => new LocalServerFailed({ reason: words(error) }) }),
    // Waiting polls would delay closing by their 20 s.
    ({ app }) =>
      Effect.promise(() => {
        app.server.closeAllConnections()
        return app.close()
      })
  )
  return endpoint
})

/** Environment variables by which another process reaches a local server as if it were AWS. */
export const localEnvironment = (endpoint: string): { readonly [name: string]: string } => ({
  AWS_ENDPOINT_URL_SQS: endpoint,
  AWS_REGION: localRegion,
  AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey
})
