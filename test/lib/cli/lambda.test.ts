import { NodeServices } from "@effect/platform-node"
import { afterEach, assert, describe, it } from "@effect/vitest"
import { Effect, Exit, FileSystem } from "effect"
import { vi } from "vitest"
import { reportOf } from "../../../lib/cli/report-failure.ts"
import { localEnvironment, localQueueServer } from "../../../lib/queue/local-server.ts"
import { Queue } from "../../../lib/queue/queue.ts"
import { sqsQueue } from "../../../lib/queue/sqs.ts"
import { runtimeApi } from "../aws/runtime-api.ts"
import { captured } from "./captured.ts"
import { tinyCli } from "./tiny-cli.ts"

afterEach(() => vi.unstubAllEnvs())

const record = (messageId: string, body: string) => ({
  messageId,
  body,
  eventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:host",
  attributes: { ApproximateReceiveCount: "1", SentTimestamp: "1" }
})

describe("semmim lambda", () => {
  it.live("handles events of the host queue until Lambda's runtime API is gone; what is no job goes to the dead letters", () =>
    Effect.gen(function* () {
      const endpoint = yield* localQueueServer()
      const files = yield* FileSystem.FileSystem
      const store = yield* files.makeTempDirectoryScoped()
      const event = JSON.stringify({ Records: [record("m1", "nonsense"), record("m2", "more of it")] })
      const { api, replies } = yield* runtimeApi([event])
      yield* Effect.gen(function* () {
        const queue = yield* Queue
        const dead = yield* queue.create("dead", { visibilitySeconds: 30 })
        const host = yield* queue.create("host", { visibilitySeconds: 30 })
        for (const [name, value] of Object.entries({ ...localEnvironment(endpoint), AWS_LAMBDA_RUNTIME_API: api }))
          vi.stubEnv(name, value)
        const argv = ["lambda", "--queue", host, "--dead-letters", dead, "--store", store, "--cache", `${store}-cache`]
        const { exit } = yield* captured(tinyCli, ...argv)
        assert.deepStrictEqual(replies, [
          { path: "/2018-06-01/runtime/invocation/id-0/response", body: { batchItemFailures: [] } }
        ])
        assert.strictEqual((yield* queue.attributes(dead)).available, 2)
        assert.match(Exit.isFailure(exit) ? reportOf(exit.cause, false).line : "", /runtime API: answered 410/)
      }).pipe(Effect.provide(sqsQueue({ endpoint, local: true })))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("says that only AWS Lambda runs it", () =>
    Effect.gen(function* () {
      vi.stubEnv("AWS_LAMBDA_RUNTIME_API", "")
      const { exit } = yield* captured(tinyCli, "lambda", "--queue", "http://127.0.0.1:1/q", "--store", "nowhere")
      const { line, status } = Exit.isFailure(exit) ? reportOf(exit.cause, false) : { line: "", status: 0 }
      assert.strictEqual(status, 2)
      assert.include(line, "AWS_LAMBDA_RUNTIME_API is not set")
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
