import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Layer, Logger } from "effect"
import { jobKey } from "../../lib/job/job-key.ts"
import { keys } from "../../lib/job/keys.ts"
import { OutputRecord, readContent, readRecord } from "../../lib/job/records.ts"
import { sendJobs } from "../../lib/job/send-jobs.ts"
import { jobStates } from "../../lib/job/states.ts"
import { Queue } from "../../lib/queue/queue.ts"
import { sqsQueue } from "../../lib/queue/sqs.ts"
import { fileBlobStore } from "../../lib/store/blob/file.ts"
import { draws } from "../faults/draws.ts"
import { seed } from "../seed.ts"
import { shardJob, storedSubmission, toyOrigin, toyQueues } from "../toy/jobs.ts"
import { startQueueServer } from "./queue-server.ts"

// Trivial jobs done by two processes that are killed at random moments and started again: node test/bench/soak.ts [JOBS] [KILLS].
// Every output must be there once, with the right bytes, and no message left. The server as for queue.ts.

const jobs = Number(process.argv[2] ?? 10_000)
const kills = Number(process.argv[3] ?? 100)
const visibility = 5

const worker = fileURLToPath(new URL("../toy/job-worker.ts", import.meta.url))

const soak = Effect.fnUntraced(function* (endpoint: string, store: string) {
  const queue = yield* Queue
  yield* storedSubmission()
  const { urls, dead } = yield* toyQueues(visibility)
  const all = Array.from({ length: jobs }, (_, i) => shardJob(i))
  yield* sendJobs(urls, toyOrigin(), all)
  const start = performance.now()
  const draw = draws(seed)
  // After so many jobs started the worker that began the last one is killed, some milliseconds later: whatever the machine's speed.
  const moments = Array.from({ length: kills }, () => Math.floor(draw("when") * jobs)).sort((a, b) => a - b)
  let started = 0
  let killed = 0
  let ending = false
  const children = new Map<number, ChildProcess>()
  const run = (number: number): void => {
    const child = spawn(process.execPath, [worker, endpoint, urls.host, store, String(visibility)], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, NODE_COMPILE_CACHE: join(store, ".compiled") }
    })
    children.set(number, child)
    child.stdout.on("data", (text: Buffer) => {
      started += text.length
      while ((moments[0] ?? Number.POSITIVE_INFINITY) <= started) {
        moments.shift()
        setTimeout(() => void (!child.killed && child.kill("SIGKILL") && killed++), 60 * draw("after"))
      }
    })
    child.on("exit", () => {
      if (!ending) run(number)
    })
  }
  for (const number of [0, 1]) run(number)
  while (true) {
    const { available, inFlight } = yield* queue.attributes(urls.host)
    if (available + inFlight === 0) break
    yield* Effect.sleep("200 millis")
  }
  ending = true
  const seconds = (performance.now() - start) / 1000
  for (const child of children.values()) child.kill()
  const states = yield* jobStates("toy")
  let right = 0
  for (const job of all) {
    const record = yield* readRecord(keys.done("toy", jobKey(toyOrigin().pipeline, job)), OutputRecord)
    const file = record?.files["a"]
    if (file && new TextDecoder().decode(yield* readContent("toy", file.sha256)) === JSON.stringify(job)) right++
  }
  const letters = (yield* queue.attributes(dead)).available
  return { jobs, right, killed, failures: states.failed.length, dead: letters, seconds: Math.round(seconds), pages: states.pages }
})

const main = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const store = yield* fs.makeTempDirectoryScoped({ prefix: "semmim-soak-" })
  const given = process.env["AWS_ENDPOINT_URL_SQS"]
  const endpoint = given ?? (yield* startQueueServer)
  const found = yield* Effect.provide(
    Effect.scoped(soak(endpoint, store)),
    Layer.merge(sqsQueue({ endpoint, local: true }), fileBlobStore(store))
  )
  console.log(JSON.stringify({ server: given ?? "fauxqs", ...found }))
  if (found.right !== jobs || found.dead + found.failures > 0) process.exitCode = 1
})

await Effect.runPromise(Effect.scoped(main).pipe(Effect.provide([NodeServices.layer, Logger.layer([])])))
