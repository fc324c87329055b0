import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Schedule } from "effect"
import { consume } from "../../lib/queue/consume.ts"
import type { Lease } from "../../lib/queue/lease.ts"
import { Queue } from "../../lib/queue/queue.ts"
import { BlobStore } from "../../lib/store/blob/blob-store.ts"
import { listAll } from "../laws/blob-store.ts"
import { freshQueue } from "../laws/queue.ts"
import { seed } from "../seed.ts"
import { blobFaults } from "./blob-faults.ts"
import { jumpingClock } from "./jumping-clock.ts"
import { queueFaults } from "./queue-faults.ts"

const jobs = 60
const visibilitySeconds = 3

/** A job: its output is a function of its message, committed once; what goes wrong is left to the next reception. */
const handle = Effect.fnUntraced(function* (lease: Lease) {
  const store = yield* BlobStore
  const { body } = lease.message
  const output = new TextEncoder().encode(`${body} done`)
  yield* lease.run(Effect.andThen(Effect.sleep("20 millis"), store.putIfAbsent(`out/${body}`, output))).pipe(
    Effect.andThen(lease.delete),
    Effect.catch(() => lease.putBack(0))
  )
})

const quiet = Effect.fnUntraced(function* (url: string) {
  const { available, inFlight, delayed } = yield* (yield* Queue).attributes(url)
  return available + inFlight + delayed === 0
})

/** The law of consumers on a queue and a store that a seed makes faulty, each worker's in its own way. */
export const amongFaults = <E>(name: string, calm: Layer.Layer<Queue | BlobStore, E>): void => {
  describe(`consumers among faults, on ${name}`, () => {
    it.live("commit every job's output once and leave no message, whatever a seed brings", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const [queue, store] = [yield* Queue, yield* BlobStore]
          const url = yield* freshQueue({ visibilitySeconds })
          yield* queue.sendBatch(
            url,
            Array.from({ length: jobs }, (_, i) => ({ body: `${i}` }))
          )
          const stop = yield* Deferred.make<void>()
          const options = { inFlight: 8, waitSeconds: 1, visibilitySeconds, stop }
          const workers = yield* Effect.forEach([1, 2, 3], (worker) => {
            const rough = Layer.mergeAll(queueFaults(seed + worker), blobFaults(seed + worker), jumpingClock(seed + worker))
            return Effect.forkChild(Effect.provide(consume(url, options, handle), rough, { local: true }))
          })
          yield* Effect.repeat(quiet(url), { until: (done) => done, schedule: Schedule.spaced("200 millis"), times: 250 })
          yield* Deferred.succeed(stop, undefined)
          for (const worker of workers) yield* Fiber.join(worker)
          assert.isTrue(yield* quiet(url))
          const expected = Array.from({ length: jobs }, (_, i) => `out/${i}`).sort()
          assert.deepEqual(yield* listAll(store, "out/"), expected)
          for (const key of expected) {
            const { content } = yield* store.get(key)
            assert.strictEqual(new TextDecoder().decode(content), `${key.slice(4)} done`)
          }
        })
      ).pipe(Effect.provide(calm))
    )
  })
}
