/**
 * Two workers against one on the `prepare` jobs of a submission, from the workers' start to the last commit, in turns: each worker has
 * a core of its own, the server (fauxqs) a process. `node test/bench/queue-prepare.ts [PICTURES] [ROUNDS]` (Linux: cores are given by
 * taskset).
 */
import { execFileSync, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer, Logger } from "effect"
import { jobStates } from "../../lib/job/states.ts"
import { localEnvironment } from "../../lib/queue/local-server.ts"
import { Queue } from "../../lib/queue/queue.ts"
import { sqsQueue } from "../../lib/queue/sqs.ts"
import { fileBlobStore } from "../../lib/store/blob/file.ts"
import { mainFile } from "../lib/cli/tiny-cli.ts"
import { photoList } from "./data/photo-list.ts"
import { startQueueServer } from "./queue-server.ts"

const [images, rounds] = [Number(process.argv[2] ?? 6000), Number(process.argv[3] ?? 5)]
const shardSize = 250
const root = mkdtempSync(join(tmpdir(), "semmim-bench-queue-"))
process.on("exit", () => rmSync(root, { recursive: true, force: true }))

const list = await photoList(join(root, "files"), images)
const semmim = ["--disable-warning=ExperimentalWarning", mainFile]

/** Seconds that so many workers take for all the shards of a new submission. */
const secondsOf = Effect.fnUntraced(function* (workers: number, name: string) {
  const queue = yield* Queue
  const [host, gpu] = [
    yield* queue.create(`${name}-host`, { visibilitySeconds: 60 }),
    yield* queue.create(`${name}-gpu`, { visibilitySeconds: 60 })
  ]
  const queues = ["--queue", host, "--gpu-queue", gpu, "--store", join(root, "store")]
  const submission = ["submit", "tiny", "--data", list, "--name", name, "--shard-size", String(shardSize), ...queues]
  execFileSync(process.execPath, [...semmim, ...submission], { stdio: ["ignore", "ignore", "inherit"] })
  const started = performance.now()
  const args = ["worker", ...queues, "--class", "host", "--concurrency", "1", "--poll", "1", "--port", "0", "--allow-data", list]
  const children = Array.from({ length: workers }, (_, core) =>
    spawn("taskset", ["-c", String(core), process.execPath, ...semmim, ...args, "--cache", join(root, `${name}-${core}`)], {
      stdio: "ignore"
    })
  )
  const shards = Math.ceil(images / shardSize)
  while (((yield* jobStates(name)).done.get("prepare")?.length ?? 0) < shards) {
    if (children.some(({ exitCode }) => exitCode !== null)) throw new Error("queue-prepare: a worker ended by itself")
    yield* Effect.sleep("20 millis")
  }
  const seconds = (performance.now() - started) / 1000
  yield* Effect.forEach(children, (child) =>
    Effect.promise(() => {
      child.kill("SIGTERM")
      return new Promise((resolve) => child.once("exit", resolve))
    })
  )
  return seconds
})

const main = Effect.gen(function* () {
  const endpoint = yield* startQueueServer
  for (const [name, value] of Object.entries(localEnvironment(endpoint))) process.env[name] = value
  const layers = Layer.merge(sqsQueue({ endpoint, local: true }), fileBlobStore(join(root, "store")))
  const ratios: number[] = []
  for (let round = 1; round <= rounds; round++) {
    const [one, two] = yield* Effect.all([secondsOf(1, `one-${round}`), secondsOf(2, `two-${round}`)]).pipe(
      Effect.provide(layers)
    )
    ratios.push(one / two)
    process.stderr.write(`round ${round}: one worker ${one.toFixed(2)} s, two ${two.toFixed(2)} s\n`)
  }
  ratios.sort((a, b) => a - b)
  const [ratio, lowest, highest] = [ratios[rounds >> 1]!, ratios[0]!, ratios.at(-1)!].map((each) => each.toFixed(2))
  console.log(JSON.stringify({ images, ratio, lowest, highest }))
})

await Effect.runPromise(Effect.scoped(main).pipe(Effect.provide([NodeServices.layer, Logger.layer([])])))
