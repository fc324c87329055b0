import { request as httpRequest, type IncomingMessage } from "node:http"
import { request as httpsRequest } from "node:https"
import { isIPv6, type LookupFunction } from "node:net"
import { Effect } from "effect"
import { UrlError, type UrlPolicy } from "./policy.ts"

/** A server's answer, its body not yet read. */
export interface Answer {
  readonly status: number
  /** Absent where there is none. */
  readonly location: string | undefined
  readonly robots: readonly string[]
  readonly body: IncomingMessage
}

/**
 * Returns a resolver with one fixed answer: the connection goes to the address that was checked, whatever the name resolves to by
 * then.
 */
const pinned =
  (address: string): LookupFunction =>
  (_host, options, done) => {
    const family = isIPv6(address) ? 6 : 4
    if (options.all) done(null, [{ address, family }])
    else done(null, address, family)
  }

const named = (message: IncomingMessage, name: string): readonly string[] => {
  const values: string[] = []
  for (let i = 0; i < message.rawHeaders.length; i += 2)
    if (message.rawHeaders[i]!.toLowerCase() === name) values.push(message.rawHeaders[i + 1]!)
  return values
}

/** Returns the system's code (ECONNREFUSED), which names no host; a message might. */
const codeOf = (cause: Error): string => ("code" in cause && typeof cause.code === "string" ? cause.code : cause.name)

/**
 * Requests a URL at one address, without a proxy and on a connection of its own, which is closed with the scope. A certificate is
 * checked against the URL's own host.
 */
export const requestAt = Effect.fnUntraced(function* (url: URL, address: string, { userAgent }: UrlPolicy) {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest
  const request = send(url, {
    agent: false,
    lookup: pinned(address),
    // A compressed body could decompress to any size; images are compressed already.
    headers: { "user-agent": userAgent, accept: "image/*", "accept-encoding": "identity" },
    maxHeaderSize: 16_384
  })
  yield* Effect.addFinalizer(() => Effect.sync(() => request.destroy()))
  return yield* Effect.callback<Answer, UrlError>((resume) => {
    request.on("response", (body) => {
      // A connection that breaks while nothing reads it must not end the process; a reader gets the error too.
      body.on("error", () => {})
      const { statusCode: status = 0, headers } = body
      resume(Effect.succeed({ status, location: headers.location, robots: named(body, "x-robots-tag"), body }))
    })
    request.on("error", (cause) => resume(Effect.fail(new UrlError({ reason: `unreachable(${codeOf(cause)})` }))))
    request.end()
  })
})

/** Reads the body of an answer, up to `maxBytes`; the rest is not waited for. */
export const bodyOf = ({ body }: Answer, maxBytes: number): Effect.Effect<Uint8Array, UrlError> => {
  const refuse = (reason: string) => Effect.fail(new UrlError({ reason }))
  const encoding = body.headers["content-encoding"]
  if (encoding !== undefined && encoding !== "identity") return refuse(`content-encoding(${encoding.slice(0, 20)})`)
  const promised = Number(body.headers["content-length"] ?? 0)
  if (promised > maxBytes) return refuse(`too-large(${promised} bytes)`)
  return Effect.callback((resume) => {
    const chunks: Buffer[] = []
    let size = 0
    body.on("data", (chunk: Buffer) => {
      size += chunk.length
      chunks.push(chunk)
      if (size > maxBytes) resume(refuse(`too-large(over ${maxBytes} bytes)`))
    })
    body.on("end", () => resume(body.complete ? Effect.succeed(new Uint8Array(Buffer.concat(chunks))) : refuse("cut-off")))
    body.on("error", () => resume(refuse("cut-off")))
    body.on("close", () => resume(refuse("cut-off")))
  })
}
