import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Logger } from "effect"
import { inject } from "vitest"
import type { Job } from "../../lib/job/job.ts"
import { JobFailed } from "../../lib/job/job-error.ts"
import { jobKey } from "../../lib/job/job-key.ts"
import { keys } from "../../lib/job/keys.ts"
import { OutputRecord, readContent, readRecord } from "../../lib/job/records.ts"
import { redrive } from "../../lib/job/redrive.ts"
import { sendJobs } from "../../lib/job/send-jobs.ts"
import { statusOf } from "../../lib/job/status.ts"
import { letterBody } from "../../lib/queue/message-body.ts"
import { Queue } from "../../lib/queue/queue.ts"
import { sqsQueue } from "../../lib/queue/sqs.ts"
import { s3BlobStore } from "../../lib/store/blob/s3.ts"
import { work } from "../../lib/worker/worker.ts"
import { receiveAll } from "../laws/queue.ts"
import { poison, sendRaw } from "../laws/send-raw.ts"
import { made, shardJob, storedSubmission, toyHandlers, toyOrigin, toyProcessing, toyQueues } from "../toy/jobs.ts"
import { freshBucket } from "./bucket.ts"

const moto = inject("moto")
const { bucket, made: bucketMade } = freshBucket(moto)
const inS3 = Layer.provide(s3BlobStore({ endpoint: moto, bucket, prefix: "jobs", local: true }), bucketMade)
const services = (endpoint: string) =>
  Layer.mergeAll(sqsQueue({ endpoint, local: true }), inS3, NodeServices.layer, Logger.layer([]))

const origin = toyOrigin()
const jobs: readonly Job[] = Array.from({ length: 36 }, (_, i) => shardJob(i))
const large: Job = {
  kind: "embed",
  checkpoint: "0".repeat(64),
  samples: { indices: Array.from({ length: 50_000 }, (_, i) => i) }
}

/** Two workers of a submission's jobs, one of which is always broken until it is mended. */
const world = Effect.gen(function* () {
  yield* storedSubmission()
  const queue = yield* Queue
  const { urls, dead } = yield* toyQueues(10)
  const stop = yield* Deferred.make<void>()
  let mended = false
  const { handlers } = toyHandlers((job) =>
    job.kind === "prepare" && job.shard === 5 && !mended
      ? Effect.fail(new JobFailed({ reason: "broken", detail: "shard 5" }))
      : Effect.as(Effect.sleep("10 millis"), made(job))
  )
  const pools = [
    { url: urls.host, concurrency: 4, buffer: 4 },
    { url: urls.gpu, concurrency: 1, buffer: 0 }
  ]
  const settings = { pools, stop, drainSeconds: 5, visibilitySeconds: 10, pollSeconds: 1 }
  const workers = yield* Effect.forEach([1, 2], () =>
    Effect.flatMap(work({ ...settings, processing: toyProcessing(handlers) }), ({ ended }) => Effect.forkScoped(ended))
  )
  const left = Effect.map(Effect.all([queue.attributes(urls.host), queue.attributes(urls.gpu)]), (all) =>
    all.reduce((sum, { available, inFlight, delayed }) => sum + available + inFlight + delayed, 0)
  )
  const emptied = Effect.gen(function* () {
    while ((yield* left) > 0) yield* Effect.sleep("200 millis")
  })

  // The same jobs twice, one too large for its message, and something that is none.
  yield* sendJobs(urls, origin, [...jobs, large])
  yield* sendJobs(urls, origin, jobs)
  for (const body of poison) yield* sendRaw(urls.host, body)
  yield* emptied
  const first = yield* statusOf("toy")
  assert.strictEqual(first.kinds.find(({ kind }) => kind === "prepare")?.done, jobs.length - 1)
  assert.deepStrictEqual(
    first.reasons.filter(({ given }) => given !== "failed").map(({ given, reason, count }) => [given, reason, count]),
    [
      ["dead", "broken", 1],
      ["rejected", "malformed-message", poison.length]
    ]
  )
  mended = true
  assert.isAbove(yield* redrive("toy", urls), 0)
  yield* emptied
  yield* Deferred.succeed(stop, undefined)
  for (const worker of workers) yield* Fiber.join(worker)
  for (const job of [...jobs, large]) {
    const record = yield* readRecord(keys.done("toy", jobKey(origin.pipeline, job)), OutputRecord)
    const content = yield* readContent("toy", record!.files["a"]!.sha256)
    assert.strictEqual(new TextDecoder().decode(content), JSON.stringify(job))
  }
  const last = yield* statusOf("toy")
  assert.strictEqual(last.pages, 1)
  assert.deepStrictEqual(
    last.reasons.map(({ given, reason }) => [given, reason]),
    [["rejected", "malformed-message"]]
  )
  const letters = new Set((yield* receiveAll(dead, 20)).map(({ body }) => body))
  assert.deepStrictEqual([...letters].sort(), poison.map((body) => letterBody(body)).sort())
})

describe("jobs in S3", () => {
  it.live("each have one output, whatever is sent twice, broken, redriven or poison, over SQS as moto has it", () =>
    Effect.scoped(world).pipe(Effect.provide(Layer.fresh(services(moto))))
  )
})
