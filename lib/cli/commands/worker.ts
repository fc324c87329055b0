import { availableParallelism } from "node:os"
import { Config, Deferred, Effect, Layer, Logger, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { FetchHttpClient } from "effect/http"
import { Otlp } from "effect/observability"
import { jobHandlers } from "../../worker/handlers/handlers.ts"
import { serveHealth } from "../../worker/health.ts"
import { knownSubmissions } from "../../worker/submissions.ts"
import { type Pool, work, workerName } from "../../worker/worker.ts"
import { engineOf } from "../engine-of.ts"
import { cacheFlag, engineFlag, stagesFlag, threadsFlag } from "../flags.ts"
import { gpuQueueFlag, jobLayers, queueFlag, storeFlag } from "../job-layers.ts"
import { tablesOf } from "../pipeline-of.ts"
import { Signals } from "../signals.ts"
import type { CliTables } from "../tables.ts"
import { wholeFlag } from "../whole-flag.ts"

const flags = {
  queue: queueFlag,
  gpuQueue: gpuQueueFlag,
  store: storeFlag,
  class: Flag.Literals("class", ["host", "gpu", "both"]).pipe(
    Flag.withDescription("Which jobs this worker takes, where they have queues of their own"),
    Flag.withDefault("both")
  ),
  concurrency: wholeFlag("concurrency", 1).pipe(
    Flag.withDescription("Host jobs at a time; as many as cores where they have a queue of their own, else 1"),
    Flag.optional
  ),
  gpus: wholeFlag("gpus", 1).pipe(Flag.withDescription("Jobs for GPUs at a time"), Flag.withDefault(1)),
  engine: engineFlag,
  threads: threadsFlag,
  cache: cacheFlag,
  allowData: Flag.String("allow-data").pipe(
    Flag.withMetavar("SOURCE"),
    Flag.withDescription(
      "A source that jobs may read besides the embedded ones, exactly as a pipeline names it; any number of them"
    ),
    Flag.atLeast(0)
  ),
  port: wholeFlag("port", 0).pipe(
    Flag.withDescription("Where /health and /metrics are served, on 127.0.0.1 only; 0 is any free port"),
    Flag.withDefault(9464)
  ),
  visibility: wholeFlag("visibility", 3).pipe(
    Flag.withDescription("Seconds that a message stays hidden without a heartbeat"),
    Flag.withDefault(60)
  ),
  poll: wholeFlag("poll", 0).pipe(Flag.withDescription("Seconds that an empty queue is watched at a time"), Flag.withDefault(10)),
  drain: wholeFlag("drain", 0).pipe(
    Flag.withDescription("Seconds that jobs have to end after SIGTERM; a spot instance has 120"),
    Flag.withDefault(100)
  ),
  jobLimit: wholeFlag("job-limit", 1).pipe(Flag.withDescription("The most seconds of any job"), Flag.optional),
  untilStdinEnds: Flag.Boolean("until-stdin-ends").pipe(
    Flag.withDescription("Drains when standard input ends, too: for who starts workers"),
    Flag.withDefault(false)
  ),
  stages: stagesFlag
}

/** Exports traces, metrics and logs to the collector named by OpenTelemetry's environment variables, if any. */
const telemetry = (version: string) =>
  Layer.unwrap(
    Effect.map(Config.String("OTEL_EXPORTER_OTLP_ENDPOINT").pipe(Config.withDefault("")), (baseUrl) =>
      baseUrl === ""
        ? Layer.empty
        : Layer.provide(
            Otlp.layerJson({ baseUrl, resource: { serviceName: "semmim-worker", serviceVersion: version } }),
            FetchHttpClient.layer
          )
    )
  )

/** `semmim worker --queue URL --store PLACE`: processes jobs until it is stopped. */
export const worker = (common: CliTables) =>
  Command.make(
    "worker",
    flags,
    Effect.fn("cli.worker")(function* (given) {
      const signals = yield* Signals
      const tables = yield* tablesOf(given.stages, common)
      const gpuQueue = Option.getOrElse(given.gpuQueue, () => given.queue)
      const apart = gpuQueue !== given.queue
      const cores = Option.getOrElse(given.concurrency, () => (apart ? availableParallelism() : 1))
      const host: Pool = { url: given.queue, concurrency: cores, buffer: apart ? cores : 0 }
      const gpu: Pool = { url: gpuQueue, concurrency: given.gpus, buffer: 0 }
      const pools = apart ? [...(given.class === "gpu" ? [] : [host]), ...(given.class === "host" ? [] : [gpu])] : [host]
      const serve = Effect.gen(function* () {
        const handlers = yield* jobHandlers({
          tables,
          engine: yield* Effect.cached(engineOf(given.engine, tables)),
          threads: given.threads,
          cache: given.cache,
          urls: { host: given.queue, gpu: gpuQueue },
          allowedData: new Set(given.allowData)
        })
        const stop = yield* Deferred.make<void>()
        yield* signals.stopsItself
        let ended = false
        const end = () => {
          ended = true
        }
        if (given.untilStdinEnds) process.stdin.on("end", end).on("error", end).resume()
        const watch = Effect.gen(function* () {
          while (!signals.stopping() && !ended) yield* Effect.sleep("100 millis")
          yield* Effect.logInfo("draining")
          yield* Deferred.succeed(stop, undefined)
        })
        yield* Effect.forkScoped(watch)
        const processing = {
          handlers,
          submissions: knownSubmissions(tables),
          worker: workerName(),
          semmim: tables.version,
          ...(Option.isSome(given.jobLimit) ? { limitSeconds: given.jobLimit.value } : {})
        }
        const { health, ended: worked } = yield* work({
          pools,
          processing,
          stop,
          drainSeconds: given.drain,
          visibilitySeconds: given.visibility,
          pollSeconds: Math.min(20, given.poll)
        })
        const port = yield* serveHealth(given.port, health)
        yield* Effect.logInfo(
          `worker ${processing.worker} takes jobs from ${pools.map(({ url }) => url).join(" and ")}; http://127.0.0.1:${port}/health`
        )
        yield* worked
        yield* Effect.logInfo("drained")
        if (given.untilStdinEnds) process.stdin.destroy()
      })
      yield* Effect.scoped(serve).pipe(
        Effect.provide(Layer.mergeAll(jobLayers(given.store), telemetry(tables.version), Logger.layer([Logger.consoleJson])))
      )
    })
  ).pipe(Command.withDescription("Does jobs from a queue until it is told to stop"))
