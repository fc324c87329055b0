import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, FileSystem, Layer, Logger, type Scope } from "effect"
import type { Job } from "../../../lib/job/job.ts"
import { JobFailed } from "../../../lib/job/job-error.ts"
import { keys } from "../../../lib/job/keys.ts"
import { redrive } from "../../../lib/job/redrive.ts"
import { sendJobs } from "../../../lib/job/send-jobs.ts"
import { jobStates } from "../../../lib/job/states.ts"
import { statusOf } from "../../../lib/job/status.ts"
import { localQueue } from "../../../lib/queue/local.ts"
import { letterBody } from "../../../lib/queue/message-body.ts"
import { Queue } from "../../../lib/queue/queue.ts"
import { LeaseLost } from "../../../lib/queue/queue-error.ts"
import { BlobRefused } from "../../../lib/store/blob/blob-error.ts"
import { BlobStore } from "../../../lib/store/blob/blob-store.ts"
import { fileBlobStore } from "../../../lib/store/blob/file.ts"
import type { JobOutcome } from "../../../lib/worker/handler.ts"
import { serveHealth } from "../../../lib/worker/health.ts"
import { work } from "../../../lib/worker/worker.ts"
import { receiveAll } from "../../laws/queue.ts"
import { poison, sendRaw } from "../../laws/send-raw.ts"
import { made, shardJob, storedSubmission, toyHandlers, toyOrigin, toyProcessing, toyQueues } from "../../toy/jobs.ts"

const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
const services = Layer.unwrap(
  Effect.map(folder, (path) => Layer.mergeAll(localQueue(), fileBlobStore(path), Logger.layer([])))
).pipe(Layer.provideMerge(NodeServices.layer))
type Run = (job: Job) => Effect.Effect<JobOutcome, { readonly _tag: string; readonly message: string }>

/** A worker of host jobs on a real server and a real store. */
const world = Effect.fnUntraced(function* (
  run: Run,
  more: { concurrency?: number; buffer?: number; drainSeconds?: number; visibility?: number; receptions?: number } = {}
) {
  yield* storedSubmission()
  const { urls, dead } = yield* toyQueues(30, more.receptions)
  const { handlers, runs } = toyHandlers(run)
  const stop = yield* Deferred.make<void>()
  const { concurrency = 4, buffer = 0, drainSeconds = 5, visibility = 30 } = more
  const working = yield* work({
    pools: [{ url: urls.host, concurrency, buffer }],
    processing: toyProcessing(handlers),
    stop,
    drainSeconds,
    visibilitySeconds: visibility,
    pollSeconds: 1
  })
  const fiber = yield* Effect.forkScoped(working.ended)
  const doneCount = Effect.map(jobStates("toy"), ({ done }) => done.get("prepare")?.length ?? 0)
  const until = (count: number) =>
    Effect.gen(function* () {
      while ((yield* doneCount) < count) yield* Effect.sleep("100 millis")
    })
  return { urls, dead, runs, stop, fiber, until, ...working }
})

const live = (name: string, test: Effect.Effect<void, unknown, Layer.Success<typeof services> | Scope.Scope>) =>
  it.live(name, () => Effect.scoped(test).pipe(Effect.provide(Layer.fresh(services))), 120_000)

const shards = (count: number): readonly Job[] => Array.from({ length: count }, (_, shard) => shardJob(shard))

describe("a worker", () => {
  live(
    "does every job once, holds more than ten messages, and leaves none",
    Effect.gen(function* () {
      let most = 0
      const w = yield* world((job) => Effect.as(Effect.sleep("5 millis"), made(job)), { concurrency: 4, buffer: 12 })
      const watch = Effect.gen(function* () {
        while (true) {
          most = Math.max(most, Number(w.health()["held"]))
          yield* Effect.sleep("2 millis")
        }
      })
      yield* Effect.forkScoped(watch)
      yield* sendJobs(w.urls, toyOrigin(), shards(60))
      yield* w.until(60)
      assert.isAbove(most, 10)
      assert.isAtMost(most, 16)
      yield* Deferred.succeed(w.stop, undefined)
      yield* Fiber.join(w.fiber)
      const queue = yield* Queue
      const { available, inFlight } = yield* queue.attributes(w.urls.host)
      assert.deepStrictEqual([available, inFlight, w.runs.size], [0, 0, 60])
    })
  )

  live(
    "sends what failed three times to the dead letters, and does it again when redriven",
    Effect.gen(function* () {
      let good = false
      const w = yield* world((job) =>
        good || (job.kind === "prepare" && job.shard !== 1)
          ? Effect.succeed(made(job))
          : Effect.fail(new JobFailed({ reason: "broken", detail: "x" }))
      )
      const queue = yield* Queue
      yield* sendJobs(w.urls, toyOrigin(), shards(3))
      yield* w.until(2)
      while ((yield* queue.attributes(w.dead)).available < 1) yield* Effect.sleep("50 millis")
      const states = yield* jobStates("toy")
      assert.deepStrictEqual([states.failed.length, states.dead.map(({ reason }) => reason)], [3, ["broken"]])
      good = true
      assert.strictEqual(yield* redrive("toy", w.urls), 1)
      yield* w.until(3)
      const after = yield* jobStates("toy")
      assert.deepStrictEqual([after.failed.length, after.dead.length], [0, 0])
      assert.deepStrictEqual(yield* receiveAll(w.dead, 1), [])
    })
  )

  live(
    "records what is no job at its first reception and sends it to the dead letters, whatever its characters",
    Effect.gen(function* () {
      const w = yield* world((job) => Effect.succeed(made(job)))
      const queue = yield* Queue
      // Six bytes a character when it is sent again: more than a message holds.
      for (const body of [...poison, "é".repeat(300_000)]) yield* sendRaw(w.urls.host, body)
      yield* sendJobs(w.urls, toyOrigin(), shards(1))
      yield* w.until(1)
      const left = Effect.map(queue.attributes(w.urls.host), ({ available, inFlight }) => available + inFlight)
      while ((yield* left) > 0) yield* Effect.sleep("50 millis")
      const { reasons } = yield* statusOf("toy")
      assert.deepStrictEqual(
        reasons.map(({ given, reason, count }) => [given, reason, count]),
        [["rejected", "malformed-message", poison.length + 1]]
      )
      const letters = yield* receiveAll(w.dead, 20)
      assert.deepStrictEqual(letters.map(({ body }) => body).sort(), poison.map((body) => letterBody(body)).sort())
    })
  )

  live(
    "stops a job whose lease is lost, and nothing else",
    Effect.gen(function* () {
      const real = yield* Queue
      const doomed = new Set<string>()
      const sabotaged = Queue.of({
        ...real,
        receive: (url, options) =>
          Effect.tap(real.receive(url, options), (messages) =>
            Effect.sync(() => {
              for (const { body, handle } of messages) if (body.includes('"shard":7')) doomed.add(handle)
            })
          ),
        changeVisibility: (url, handle, seconds) =>
          doomed.has(handle)
            ? Effect.fail(new LeaseLost({ queue: "q", operation: "beat", reason: "taken" }))
            : real.changeVisibility(url, handle, seconds)
      })
      let stopped = false
      const run: Run = (job) =>
        job.kind === "prepare" && job.shard === 7
          ? Effect.onInterrupt(Effect.never, () =>
              Effect.sync(() => {
                stopped = true
              })
            )
          : Effect.as(Effect.sleep("50 millis"), made(job))
      yield* Effect.gen(function* () {
        const w = yield* world(run, { visibility: 3 })
        yield* sendJobs(w.urls, toyOrigin(), shards(8))
        yield* w.until(7)
        while (!stopped) yield* Effect.sleep("50 millis")
        yield* sendJobs(w.urls, toyOrigin(), [shardJob(8), shardJob(9)])
        yield* w.until(9)
      }).pipe(Effect.provideService(Queue, sabotaged))
    })
  )

  live(
    "told to stop lets its jobs end, puts back what waits, and interrupts what takes too long",
    Effect.gen(function* () {
      const started: number[] = []
      const w = yield* world(
        (job) =>
          Effect.gen(function* () {
            started.push(job.kind === "prepare" ? job.shard : -1)
            yield* job.kind === "prepare" && job.shard === 0 ? Effect.sleep("400 millis") : Effect.never
            return made(job)
          }),
        { concurrency: 2, buffer: 4, drainSeconds: 1 }
      )
      yield* sendJobs(w.urls, toyOrigin(), [shardJob(0)])
      while (started.length < 1) yield* Effect.sleep("10 millis")
      yield* sendJobs(w.urls, toyOrigin(), shards(6).slice(1))
      while (started.length < 2) yield* Effect.sleep("10 millis")
      yield* Deferred.succeed(w.stop, undefined)
      yield* Fiber.join(w.fiber)
      assert.strictEqual((yield* jobStates("toy")).done.get("prepare")?.length, 1)
      const left = yield* receiveAll(w.urls.host, 9)
      assert.strictEqual(left.length, 5)
      assert.deepStrictEqual((yield* jobStates("toy")).failed, [])
    })
  )

  live(
    "goes on when a store that denied its jobs in the middle lets them in again; what was dead-lettered meanwhile is redriven",
    Effect.gen(function* () {
      const real = yield* BlobStore
      let denied = false
      const guarded = BlobStore.of({
        ...real,
        putIfAbsent: (key, content) =>
          denied && !key.startsWith(keys.incidents)
            ? Effect.fail(new BlobRefused({ store: real.location, key, reason: "put: AccessDenied" }))
            : real.putIfAbsent(key, content)
      })
      yield* Effect.gen(function* () {
        const w = yield* world((job) => Effect.succeed(made(job)), { receptions: 3 })
        const queue = yield* Queue
        yield* sendJobs(w.urls, toyOrigin(), shards(5))
        yield* w.until(5)
        denied = true
        yield* sendJobs(w.urls, toyOrigin(), shards(8))
        const lettersOf = Effect.map(queue.attributes(w.dead), ({ available }) => available)
        while ((yield* lettersOf) < 3) yield* Effect.sleep("100 millis")
        const { state, kinds, reasons } = yield* statusOf("toy")
        assert.deepInclude(kinds[0], { kind: "prepare", done: 5, failures: 0, dead: 0 })
        assert.deepStrictEqual(
          [state, ...reasons.map(({ given, reason }) => `${given} ${reason}`)],
          ["running", "incident blob-refused"]
        )
        assert.match(reasons[0]!.example, /AccessDenied$/)
        denied = false
        assert.strictEqual(yield* redrive("toy", w.urls), 3)
        yield* w.until(8)
        assert.deepStrictEqual(yield* receiveAll(w.dead, 1), [])
      }).pipe(Effect.provideService(BlobStore, guarded))
    })
  )

  live(
    "ends with the queue's name when its queue is deleted under it, and status tells",
    Effect.gen(function* () {
      const w = yield* world((job) => Effect.succeed(made(job)))
      const queue = yield* Queue
      yield* queue.remove(w.urls.host)
      const exit = yield* Effect.exit(Fiber.join(w.fiber))
      assert.isTrue(Exit.isFailure(exit))
      assert.match(String(exit), /QueueMissing|no such queue/)
      const { reasons } = yield* statusOf("toy")
      assert.deepStrictEqual(
        reasons.map(({ given, reason }) => [given, reason]),
        [["incident", "queue-missing"]]
      )
      assert.match(reasons[0]!.example, /^toy-.*-host: there is no such queue$/)
    })
  )

  live(
    "serves its health and metrics on this machine alone",
    Effect.gen(function* () {
      const port = yield* serveHealth(0, () => ({ healthy: true, held: 0 }))
      const ask = (path: string) => Effect.promise(() => fetch(`http://127.0.0.1:${port}${path}`))
      const health = yield* ask("/health")
      assert.deepStrictEqual([health.status, yield* Effect.promise(() => health.json())], [200, { healthy: true, held: 0 }])
      const w = yield* world((job) => Effect.succeed(made(job)))
      yield* sendJobs(w.urls, toyOrigin(), shards(2))
      yield* w.until(2)
      const metrics = yield* Effect.promise(async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text())
      assert.match(metrics, /semmim_jobs_total\{[^}]*outcome="done"[^}]*\}/)
      assert.strictEqual((yield* ask("/other")).status, 404)
      const taken = yield* Effect.exit(Effect.scoped(serveHealth(port, () => ({ healthy: true }))))
      assert.isTrue(Exit.isFailure(taken))
    })
  )
})
