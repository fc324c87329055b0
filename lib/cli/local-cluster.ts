import { join, resolve } from "node:path"
import { Effect, Layer, Option } from "effect"
import type { QueueUrls } from "../job/send-jobs.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { localEnvironment, localQueueServer } from "../queue/local-server.ts"
import { openQueue } from "../queue/open.ts"
import { Queue } from "../queue/queue.ts"
import { fileBlobStore } from "../store/blob/file.ts"
import { lockFolder } from "../store/lock.ts"
import { localWorkers } from "./local-workers.ts"

/** Inputs of a cluster on this machine. */
export interface LocalClusterOptions {
  readonly out: string
  readonly workers: number
  readonly engine: string
  readonly threads: number
  readonly cache: string
  readonly pipeline: Pipeline
  /** The user's own files of stages. */
  readonly files: readonly string[]
  readonly stages: Option.Option<string>
}

/**
 * Long enough for a machine that is busy with the jobs themselves, and still short for the messages of a worker that was killed.
 */
const visibilitySeconds = 60

/**
 * Provides everything that jobs need without AWS, until the scope closes: queues with dead letters behind a server on 127.0.0.1,
 * a store in the run's folder, and worker processes. Returns the queues' URLs, the layer of queues and store, and an effect that
 * fails when a worker ends.
 */
export const localCluster = Effect.fn("cli.localCluster")(function* (options: LocalClusterOptions) {
  const { out, workers, engine, threads, cache, pipeline } = options
  yield* lockFolder(out)
  const store = join(resolve(out), "store")
  const endpoint = yield* localQueueServer()
  const layer = Layer.mergeAll(openQueue({ endpoint, local: true }), fileBlobStore(store))
  const urls = yield* Effect.gen(function* () {
    const queue = yield* Queue
    const dead = yield* queue.create("semmim-dead", { visibilitySeconds: 30 })
    const deadLetters = { url: dead, maxReceiveCount: 20 }
    const host = yield* queue.create("semmim-host", { visibilitySeconds, deadLetters })
    const gpu = yield* queue.create("semmim-gpu", { visibilitySeconds, deadLetters })
    return { host, gpu } satisfies QueueUrls
  }).pipe(Effect.provide(layer))
  const { train, heldOut } = pipeline.source
  const sources = [train, ...(heldOut === null ? [] : [heldOut])]
  const ended = yield* localWorkers({
    count: workers,
    logs: join(out, "workers"),
    environment: { ...localEnvironment(endpoint) },
    args: [
      ...["--queue", urls.host, "--gpu-queue", urls.gpu, "--store", store, "--engine", engine, "--cache", cache],
      ...["--threads", String(threads), "--concurrency", "1", "--port", "0", "--poll", "2", "--drain", "10"],
      ...["--visibility", String(visibilitySeconds), "--until-stdin-ends"],
      ...sources.flatMap((source) => ["--allow-data", source]),
      ...Option.match(options.stages, { onNone: () => options.files.slice(-1), onSome: (file) => [file] }).flatMap((file) => [
        "--stages",
        file
      ])
    ]
  })
  return { urls, layer, ended }
})
