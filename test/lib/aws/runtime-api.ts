import { createServer, type ServerResponse } from "node:http"
import { Effect } from "effect"

/** What a function answered, by the path that says to what, and whether well. */
export interface Reply {
  readonly path: string
  readonly body: unknown
}

/** Plays Lambda's runtime API: hands out events one by one, keeps what comes back, and then answers 410. */
export const runtimeApi = (events: readonly string[]) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly api: string; readonly replies: readonly Reply[]; readonly close: () => void }>((resume) => {
      const replies: Reply[] = []
      let next = 0
      const hand = (response: ServerResponse) => {
        if (next === events.length) return response.writeHead(410).end()
        response.setHeader("Lambda-Runtime-Aws-Request-Id", `id-${next}`)
        response.end(events[next++])
      }
      const server = createServer((request, response) => {
        if (request.method === "GET" && request.url === "/2018-06-01/runtime/invocation/next") return hand(response)
        let body = ""
        request.on("data", (chunk) => {
          body += chunk
        })
        request.on("end", () => {
          replies.push({ path: request.url ?? "", body: JSON.parse(body) })
          response.writeHead(202).end()
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        resume(Effect.succeed({ api: `127.0.0.1:${port}`, replies, close: () => void server.close() }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )
