import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { JobFailed } from "../../../lib/job/job-error.ts"
import { Queue } from "../../../lib/queue/queue.ts"
import { lambdaHandler } from "../../../lib/worker/lambda.ts"
import { poison } from "../../laws/send-raw.ts"
import {
  made,
  shardJob,
  storedSubmission,
  toyHandlers,
  toyMessage,
  toyProcessing,
  toyQueues,
  toyServices
} from "../../toy/jobs.ts"

describe("the Lambda handler", () => {
  it.live("names the messages to be received again, sends on what waits or is given up, and has the rest deleted", () => {
    const services = toyServices(new Map())
    return Effect.gen(function* () {
      yield* storedSubmission()
      const { urls, dead } = yield* toyQueues()
      const queue = yield* Queue
      const { handlers } = toyHandlers((job) => {
        if (job.kind !== "prepare") return Effect.succeed(made(job))
        if (job.shard === 1) return Effect.fail(new JobFailed({ reason: "broken", detail: "x" }))
        return Effect.succeed(job.shard === 2 ? { later: 0 } : made(job))
      })
      const context = yield* Effect.context<Layer.Success<typeof services>>()
      const { handler, close } = lambdaHandler({
        processing: Effect.succeed(toyProcessing(handlers)),
        services: Layer.succeedContext(context),
        url: urls.host,
        deadLetters: dead
      })
      const record = (messageId: string, body: string) => ({
        messageId,
        body,
        receiptHandle: "h",
        eventSource: "aws:sqs",
        eventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:jobs",
        attributes: { ApproximateReceiveCount: "1", SentTimestamp: "1", SenderId: "s", ApproximateFirstReceiveTimestamp: "1" }
      })
      const bodies = yield* Effect.forEach([0, 1, 2], (shard) => toyMessage(shardJob(shard)))
      const event = { Records: [...bodies.map((body, i) => record(`m${i}`, body)), record("m3", "nonsense")] }
      const first = yield* Effect.promise(() => handler(event))
      assert.deepStrictEqual(first, { batchItemFailures: [{ itemIdentifier: "m1" }] })
      assert.deepStrictEqual([(yield* queue.attributes(urls.host)).available, (yield* queue.attributes(dead)).available], [1, 1])
      const again = { Records: [record("m1", bodies[1]!)] }
      yield* Effect.promise(() => handler(again))
      assert.deepStrictEqual(yield* Effect.promise(() => handler(again)), { batchItemFailures: [] })
      assert.strictEqual((yield* queue.attributes(dead)).available, 2)
      const odd = { Records: poison.map((body, i) => record(`p${i}`, body)) }
      assert.deepStrictEqual(yield* Effect.promise(() => handler(odd)), { batchItemFailures: [] })
      assert.strictEqual((yield* queue.attributes(dead)).available, 2 + poison.length)
      yield* Effect.promise(close)
    }).pipe(Effect.provide(services))
  })
})
