import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect } from "effect"
import type { BatchResponse } from "../../lib/worker/lambda.ts"
import type { Invoke } from "./event-source.ts"

/** Lambda's runtime API on 127.0.0.1 until the scope closes: its HOST:PORT, and what invokes the function that asks it for events. */
export const runtimeApi = Effect.gen(function* () {
  const waiting: { readonly id: string; readonly event: unknown }[] = []
  const open = new Map<string, { readonly resolve: (answer: BatchResponse) => void; readonly reject: (error: Error) => void }>()
  let idle: ServerResponse | undefined
  let number = 0
  const hand = () => {
    if (!idle || waiting.length === 0) return
    const { id, event } = waiting.shift()!
    idle.writeHead(200, { "lambda-runtime-aws-request-id": id }).end(JSON.stringify(event))
    idle = undefined
  }
  const server = createServer((request, response) => {
    const [, id = "", what] = /^\/2018-06-01\/runtime\/invocation\/([^/]+)(?:\/(response|error))?$/.exec(request.url ?? "") ?? []
    if (request.method === "GET" && id === "next") {
      idle = response
      return hand()
    }
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString()
      if (what === "response") open.get(id)?.resolve(JSON.parse(text))
      else open.get(id)?.reject(new Error(text))
      response.writeHead(202).end()
    })
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done))),
    () =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  )
  const invoke: Invoke = (event) =>
    new Promise((resolve, reject) => {
      const id = String(number++)
      open.set(id, { resolve, reject })
      waiting.push({ id, event })
      hand()
    })
  return { api: `127.0.0.1:${(server.address() as AddressInfo).port}`, invoke }
})
