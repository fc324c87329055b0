import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { localCredentials, localRegion } from "../../../../lib/aws/local-credentials.ts"
import { localQueueServer } from "../../../../lib/queue/local-server.ts"
import { BlobStore } from "../../../../lib/store/blob/blob-store.ts"
import { s3BlobStore } from "../../../../lib/store/blob/s3.ts"

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const status =
  (code: number, name: string): Answer =>
  (_, response) =>
    response.writeHead(code).end(`<Error><Code>${name}</Code><Message>${name} of ASIAIOSFODNN7EXAMPLE</Message></Error>`)
const fine: Answer = (_, response) => response.writeHead(200, { etag: '"1"' }).end()
const taken = status(412, "PreconditionFailed")
const conflict = status(409, "ConditionalRequestConflict")

/** What the server answers, request after request; then the last for ever. */
let script: Answer[] = []
let asked: string[] = []
let server: Server
let endpoint = ""

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume()
    request.on("end", () => {
      asked.push(`${request.method} ${request.url} ${request.headers["if-none-match"] ?? ""}`.trim())
      const next = script.length > 1 ? script.shift() : script[0]
      next?.(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  endpoint = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const probed = [fine, taken]

/** Uses a store whose server answers so, after it passed the probe. */
const answering = <A, E>(answers: ReadonlyArray<Answer>, use: (store: BlobStore["Service"]) => Effect.Effect<A, E>) =>
  Effect.suspend(() => {
    script = [...answers]
    asked = []
    const store = s3BlobStore({ endpoint, bucket: "b", prefix: "p", local: true })
    return Effect.provide(Effect.flatMap(BlobStore, use), store, { local: true })
  })
const put = (store: BlobStore["Service"]) => store.putIfAbsent("a", new Uint8Array(3))
const get = (store: BlobStore["Service"]) => store.get("a")

const object =
  (body: string, recorded = body): Answer =>
  (_, response) =>
    response.writeHead(200, { "x-amz-meta-sha256": createHash("sha256").update(recorded).digest("hex") }).end(body)

describe("a blob store in S3", () => {
  it.live("is refused where the store ignores the condition", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(answering([fine, fine], put))
      assert.strictEqual(error._tag, "StoreUnconditional")
      assert.include(error.message, "s3://b/p: ignores If-None-Match")
      assert.strictEqual((yield* Effect.flip(answering([status(501, "NotImplemented")], put)))._tag, "StoreUnconditional")
      assert.match(asked[0]!, /^PUT \/b\/p\/\.conditional-puts\S* \*$/)
    })
  )

  it.live("of fauxqs is refused, for it does", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const local = yield* localQueueServer()
        assert.match(local, /^http:\/\/127\.0\.0\.1:\d+$/)
        const client = new S3Client({ endpoint: local, region: localRegion, credentials: localCredentials, forcePathStyle: true })
        yield* Effect.promise(() => client.send(new CreateBucketCommand({ Bucket: "some-bucket" })))
        client.destroy()
        const store = s3BlobStore({ endpoint: local, bucket: "some-bucket", prefix: "p", local: true })
        const error = yield* Effect.flip(Effect.provide(BlobStore, store, { local: true }))
        assert.strictEqual(error._tag, "StoreUnconditional")
      })
    )
  )

  it.live("takes 412 for a key that is taken, and tries again after 409", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* answering([...probed, taken], put), "already")
      assert.strictEqual(yield* answering([...probed, conflict, conflict, fine], put), "created")
      assert.deepEqual(
        asked.slice(2).map((line) => line.slice(-1)),
        ["*", "*", "*"]
      )
      assert.strictEqual(yield* answering([...probed, conflict, taken], put), "already")
      const error = yield* Effect.flip(answering([...probed, conflict], put))
      assert.strictEqual(error.message, "s3://b/p: a: put: other puts were under way, 5 times")
    })
  )

  it.live("tells faults that pass from those that do not, and nothing secret", () =>
    Effect.gen(function* () {
      for (const [answer, tag] of [
        [status(503, "SlowDown"), "BlobUnavailable"],
        [status(500, "InternalError"), "BlobUnavailable"],
        [(request: IncomingMessage) => request.socket.destroy(), "BlobUnavailable"],
        [status(403, "AccessDenied"), "BlobRefused"],
        [status(404, "NoSuchBucket"), "BlobRefused"]
      ] as const) {
        for (const use of [put, get]) {
          const error = yield* Effect.flip(
            Effect.asVoid(answering<unknown, { _tag: string; message: string }>([...probed, answer], use))
          )
          assert.strictEqual(error._tag, tag)
          assert.notInclude(error.message, "EXAMPLE")
        }
      }
      assert.strictEqual((yield* Effect.flip(answering([...probed, status(404, "NoSuchKey")], get)))._tag, "BlobMissing")
    })
  )

  it.live("reads what was recorded and nothing else, again if the connection breaks in the middle", () =>
    Effect.gen(function* () {
      const broken: Answer = (request, response) => {
        response.writeHead(200, { "content-length": "100" }).write("half")
        setTimeout(() => request.socket.destroy(), 20)
      }
      const { content } = yield* answering([...probed, broken, object("whole")], get)
      assert.strictEqual(new TextDecoder().decode(content), "whole")
      const error = yield* Effect.flip(answering([...probed, object("altered", "written")], get))
      assert.strictEqual(error._tag, "BlobDamaged")
    })
  )
})
