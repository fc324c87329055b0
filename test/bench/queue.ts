import { NodeServices } from "@effect/platform-node"
import { Deferred, Effect, Fiber, FileSystem, Layer, Logger } from "effect"
import { sendJobs } from "../../lib/job/send-jobs.ts"
import { jobStates } from "../../lib/job/states.ts"
import { localEnvironment } from "../../lib/queue/local-server.ts"
import { Queue } from "../../lib/queue/queue.ts"
import { sqsQueue } from "../../lib/queue/sqs.ts"
import { fileBlobStore } from "../../lib/store/blob/file.ts"
import { work } from "../../lib/worker/worker.ts"
import { made, shardJob, storedSubmission, toyHandlers, toyOrigin, toyProcessing, toyQueues } from "../toy/jobs.ts"
import { startQueueServer } from "./queue-server.ts"

// What a trivial job costs a worker: receive, heartbeat, commit to a file store, delete. The server is a process of its own, so that
// its time is not counted: fauxqs, or the one that AWS_ENDPOINT_URL_SQS names (ElasticMQ).
// npm run bench:queue, or node test/bench/queue.ts [JOBS]

const jobs = Number(process.argv[2] ?? 1000)

const bench = Effect.gen(function* () {
  const queue = yield* Queue
  yield* storedSubmission()
  const { urls } = yield* toyQueues(60)
  const { handlers } = toyHandlers((job) => Effect.succeed(made(job)))
  const stop = yield* Deferred.make<void>()
  const send = (from: number, count: number) =>
    sendJobs(
      urls,
      toyOrigin(),
      Array.from({ length: count }, (_, i) => shardJob(from + i))
    )
  yield* send(0, jobs)
  const cpuBefore = process.cpuUsage()
  const start = performance.now()
  const { ended } = yield* work({
    pools: [{ url: urls.host, concurrency: 16, buffer: 16 }],
    processing: toyProcessing(handlers),
    stop,
    drainSeconds: 10,
    visibilitySeconds: 60,
    pollSeconds: 1
  })
  const fiber = yield* Effect.forkScoped(ended)
  while (true) {
    const { available, inFlight } = yield* queue.attributes(urls.host)
    if (available + inFlight === 0) break
    yield* Effect.sleep("50 millis")
  }
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  yield* Deferred.succeed(stop, undefined)
  yield* Fiber.join(fiber)
  const done = (yield* jobStates("toy")).done.get("prepare")?.length ?? 0
  return {
    jobs,
    done,
    seconds: Number(seconds.toFixed(2)),
    jobsPerSecond: Number((jobs / seconds).toFixed(1)),
    cpuMillisPerJob: Number(((user + system) / 1000 / jobs).toFixed(2))
  }
})

const main = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "semmim-bench-" })
  const given = process.env["AWS_ENDPOINT_URL_SQS"]
  const endpoint = given ?? (yield* startQueueServer)
  for (const [name, value] of Object.entries(localEnvironment(endpoint))) process.env[name] = value
  const found = yield* Effect.provide(
    Effect.scoped(bench),
    Layer.merge(sqsQueue({ endpoint, local: true }), fileBlobStore(folder))
  )
  console.log(JSON.stringify({ server: given ?? "fauxqs", ...found }))
})

await Effect.runPromise(Effect.scoped(main).pipe(Effect.provide([NodeServices.layer, Logger.layer([])])))
