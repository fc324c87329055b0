import { createHash } from "node:crypto"
import { createServer, type Server } from "node:http"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { Queue } from "../../../lib/queue/queue.ts"
import type { LeaseError, SendError } from "../../../lib/queue/queue-error.ts"
import { sqsQueue } from "../../../lib/queue/sqs.ts"

/** What the server answers: a status, a code, and words; or what became of a batch's messages; or nothing, the connection cut. */
let answer:
  | { readonly status: number; readonly code: string; readonly words: string }
  | { readonly Successful: readonly object[]; readonly Failed: readonly object[] }
  | "reset" = "reset"
let asked = 0
let server: Server
let endpoint = ""

beforeAll(async () => {
  server = createServer((request, response) => {
    asked++
    const said = answer
    if (said === "reset") return void request.socket.destroy()
    const type = { "content-type": "application/x-amz-json-1.0" }
    if ("Failed" in said) return void response.writeHead(200, type).end(JSON.stringify(said))
    const headers = { ...type, "x-amzn-query-error": `${said.code};Sender` }
    response
      .writeHead(said.status, headers)
      .end(JSON.stringify({ __type: `com.amazonaws.sqs#${said.code}`, message: said.words }))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  endpoint = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
})
afterAll(() => void server.close())

const key = "AKIAIOSFODNN7EXAMPLE"
const handle = "AQEB".padEnd(200, "x/+Z")

const failing = (use: (queue: Queue["Service"], url: string) => Effect.Effect<unknown, LeaseError | SendError>) =>
  Effect.suspend(() =>
    Effect.provide(
      Effect.flip(Effect.flatMap(Queue, (queue) => use(queue, `${endpoint}/1/jobs`))),
      Layer.fresh(sqsQueue({ endpoint, local: true }))
    )
  )

const receive = (queue: Queue["Service"], url: string) => queue.receive(url, { max: 1, waitSeconds: 0 })

describe("a queue of SQS", () => {
  it.live.each([
    [400, "OverLimit", "QueueUnavailable", "Too many messages in flight."],
    [400, "RequestThrottled", "QueueUnavailable", "Rate exceeded"],
    [503, "ServiceUnavailable", "QueueUnavailable", "Busy"],
    [500, "InternalFailure", "QueueUnavailable", "Oh"],
    [403, "AccessDeniedException", "QueueRefused", `${key} may not`],
    [403, "InvalidClientTokenId", "QueueRefused", `The token ${handle} is not valid`],
    [400, "InvalidAttributeValue", "QueueRefused", `Odd value ${handle}`],
    [400, "QueueDoesNotExist", "QueueMissing", "No such queue"]
  ] as const)("says of %i %s that it is a %s, and nothing secret", ([status, code, tag, words]) =>
    Effect.gen(function* () {
      answer = { status, code, words }
      const error = yield* failing(receive)
      assert.strictEqual(error._tag, tag)
      assert.notInclude(error.message, key)
      assert.notInclude(error.message, handle.slice(0, 40))
      assert.notInclude(error.message, "\n")
    })
  )

  it.live.each(["ReceiptHandleIsInvalid", "MessageNotInflight", "InvalidParameterValue"])(
    "takes %s of a message in flight for a lost lease, without its handle",
    (code) =>
      Effect.gen(function* () {
        answer = { status: 400, code, words: `Value ${handle} for parameter ReceiptHandle is invalid. Reason: expired.` }
        const extended = yield* failing((queue, url) => queue.changeVisibility(url, handle, 30))
        const deleted = yield* failing((queue, url) => queue.delete(url, handle))
        assert.strictEqual(extended.message, `jobs: changeVisibility: the lease is lost: ${code}`)
        assert.strictEqual(deleted.message, `jobs: delete: the lease is lost: ${code}`)
      })
  )

  it.live(
    "tells a batch's messages that the server failed to take from those that it refused, and from those it says nothing of",
    () =>
      Effect.gen(function* () {
        const failed = (Id: string, Code: string, SenderFault: boolean) => ({ Id, Code, SenderFault, Message: "No." })
        answer = {
          Successful: [{ Id: "0", MessageId: "m", MD5OfMessageBody: createHash("md5").update("0").digest("hex") }],
          Failed: [
            failed("1", "InternalError", false),
            failed("2", "AccessDenied", true),
            failed("3", "InvalidMessageContents", true)
          ]
        }
        const sent = yield* Effect.provide(
          Effect.flatMap(Queue, (queue) =>
            queue.sendBatch(
              `${endpoint}/1/jobs`,
              [0, 1, 2, 3, 4].map((i) => ({ body: String(i) }))
            )
          ),
          Layer.fresh(sqsQueue({ endpoint, local: true }))
        )
        const tags = sent.map((result) => (Result.isSuccess(result) ? result.success : result.failure._tag))
        assert.deepStrictEqual(tags, ["m", "QueueUnavailable", "QueueRefused", "MessageRefused", "QueueUnavailable"])
      })
  )

  it.live("tries again when a connection is reset, and then says that it may pass", () =>
    Effect.gen(function* () {
      answer = "reset"
      asked = 0
      const error = yield* failing((queue, url) => queue.send(url, { body: "1" }))
      assert.strictEqual(error._tag, "QueueUnavailable")
      assert.match(error.message, /^jobs: send: (ECONNRESET|socket hang up)/)
      assert.strictEqual(asked, 3)
    })
  )

  it.live("sends made-up credentials to no other machine", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Effect.provide(Queue, sqsQueue({ endpoint: "https://sqs.example.com", local: true })))
      assert.include(String(exit), "expected an endpoint on this machine, got sqs.example.com")
    })
  )
})
