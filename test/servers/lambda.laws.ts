import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Logger } from "effect"
import { inject } from "vitest"
import { serveLambda } from "../../lib/aws/lambda-runtime.ts"
import { JobFailed } from "../../lib/job/job-error.ts"
import { jobKey } from "../../lib/job/job-key.ts"
import { keys } from "../../lib/job/keys.ts"
import { OutputRecord, readContent, readRecord } from "../../lib/job/records.ts"
import { sendJobs } from "../../lib/job/send-jobs.ts"
import { statusOf } from "../../lib/job/status.ts"
import { letterBody } from "../../lib/queue/message-body.ts"
import { sqsQueue } from "../../lib/queue/sqs.ts"
import { fileBlobStore } from "../../lib/store/blob/file.ts"
import { lambdaHandler } from "../../lib/worker/lambda.ts"
import { draws } from "../faults/draws.ts"
import { receiveAll } from "../laws/queue.ts"
import { poison, sendRaw } from "../laws/send-raw.ts"
import { seed } from "../seed.ts"
import { made, shardJob, storedSubmission, toyHandlers, toyOrigin, toyProcessing, toyQueues } from "../toy/jobs.ts"
import { type Invoke, mapEvents } from "./event-source.ts"
import { runtimeApi } from "./runtime-api.ts"

const visibilitySeconds = 2
const [broken, moody, early] = [3, 7, 11]
const jobs = Array.from({ length: 40 }, (_, i) => shardJob(i))

const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
const services = Layer.unwrap(
  Effect.map(folder, (path) =>
    Layer.mergeAll(sqsQueue({ endpoint: inject("elasticmq"), local: true }), fileBlobStore(path), Logger.layer([]))
  )
).pipe(Layer.provideMerge(NodeServices.layer))

/** One job is always broken, one fails twice, one is not ready at first; all others are done at once. */
const handlers = () => {
  const tried = new Map<number, number>()
  return toyHandlers((job) => {
    const shard = job.kind === "prepare" ? job.shard : -1
    const tries = (tried.get(shard) ?? 0) + 1
    tried.set(shard, tries)
    if (shard === broken || (shard === moody && tries < 3)) return Effect.fail(new JobFailed({ reason: "broken", detail: "x" }))
    return Effect.succeed(shard === early && tries === 1 ? { later: 1 } : made(job))
  }).handlers
}

/** An invocation that now and then never comes about, or whose answer is lost after all its work. */
const unsteady = (invoke: Invoke): Invoke => {
  const draw = draws(seed)
  return async (event) => {
    if (draw("throttled") < 0.15) throw new Error("throttled")
    const answer = await invoke(event)
    if (draw("killed") < 0.2) throw new Error("out of time")
    return answer
  }
}

/** A submission whose jobs a function does until none is left, invoked in process or by Lambda's runtime API. */
const world = Effect.fnUntraced(function* (through: "process" | "api") {
  yield* storedSubmission()
  const { urls, dead } = yield* toyQueues(visibilitySeconds)
  const context = yield* Effect.context<Layer.Success<typeof services>>()
  const { handler, close } = lambdaHandler({
    processing: Effect.succeed(toyProcessing(handlers())),
    services: Layer.succeedContext(context),
    url: urls.host,
    deadLetters: dead
  })
  yield* Effect.addFinalizer(() => Effect.promise(close))
  const { api, invoke } = yield* runtimeApi
  if (through === "api") yield* Effect.forkScoped(Effect.ignore(serveLambda(api, handler)))
  yield* sendJobs(urls, toyOrigin(), jobs)
  for (const body of poison) yield* sendRaw(urls.host, body)
  const counts = yield* mapEvents(urls.host, unsteady(through === "api" ? invoke : handler), visibilitySeconds)
  assert.isAbove(counts.failed, 0)
  for (const job of jobs) {
    const record = yield* readRecord(keys.done("toy", jobKey(toyOrigin().pipeline, job)), OutputRecord)
    if (job.kind === "prepare" && job.shard === broken) assert.isUndefined(record)
    else {
      const content = yield* readContent("toy", record!.files["a"]!.sha256)
      assert.strictEqual(new TextDecoder().decode(content), JSON.stringify(job))
    }
  }
  const { reasons } = yield* statusOf("toy")
  assert.deepStrictEqual(
    reasons.map(({ given, reason, count }) => [given, reason, given === "failed" || count]),
    [
      ["dead", "broken", 1],
      ["failed", "broken", true],
      ["rejected", "malformed-message", poison.length]
    ]
  )
  // An answer that was lost has its letters sent twice; each is there, and no other.
  const letters = new Set((yield* receiveAll(dead, 20)).map(({ body }) => body))
  assert.strictEqual(letters.size, 1 + poison.length)
  for (const body of poison) assert.isTrue(letters.has(letterBody(body)!), body)
})

describe("the Lambda handler, fed by an event source mapping of ElasticMQ whose invocations are lost now and then", () => {
  for (const [through, how] of [
    ["process", "called in process"],
    ["api", "served from the runtime API"]
  ] as const)
    it.live(`has every job's output once and the poison in the dead letters, ${how}`, () =>
      Effect.scoped(world(through)).pipe(Effect.provide(Layer.fresh(services)))
    )
})
