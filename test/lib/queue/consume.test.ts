import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Result, type Scope } from "effect"
import { TestClock } from "effect/testing"
import { consume } from "../../../lib/queue/consume.ts"
import type { Lease } from "../../../lib/queue/lease.ts"
import { Queue, type QueueOperations } from "../../../lib/queue/queue.ts"
import { QueueRefused, QueueUnavailable } from "../../../lib/queue/queue-error.ts"
import { memoryQueue } from "../../faults/memory-queue.ts"

const law = (body: Effect.Effect<void, unknown, Queue | Scope.Scope>) =>
  Effect.provide(Effect.scoped(body), Layer.fresh(memoryQueue))

/** A queue with so many messages, and a consumer of it that is under way. */
const started = Effect.fnUntraced(function* (
  messages: number,
  handle: (lease: Lease) => Effect.Effect<void>,
  change: (queue: QueueOperations) => Partial<QueueOperations> = () => ({})
) {
  const queue = yield* Queue
  const url = yield* queue.create("jobs", { visibilitySeconds: 30 })
  const sent = yield* queue.sendBatch(
    url,
    Array.from({ length: messages }, (_, i) => ({ body: `${i}` }))
  )
  assert.isTrue(sent.every(Result.isSuccess))
  const stop = yield* Deferred.make<void>()
  const options = { inFlight: 25, waitSeconds: 10, visibilitySeconds: 30, stop }
  const consumer = yield* consume(url, options, handle).pipe(
    Effect.provideService(Queue, Queue.of({ ...queue, ...change(queue) })),
    Effect.forkChild
  )
  yield* TestClock.adjust("1 second")
  const drain = Deferred.succeed(stop, undefined)
  const ended = Effect.andThen(drain, Effect.andThen(TestClock.adjust("10 seconds"), Fiber.join(consumer)))
  return { queue, url, consumer, drain, ended }
})

describe("a consumer", () => {
  it.effect("handles every message once, as many at a time as it may hold, and keeps those that wait", () =>
    law(
      Effect.gen(function* () {
        let [now, most] = [0, 0]
        const done: string[] = []
        const { queue, url, ended } = yield* started(60, ({ message, run, delete: remove }) =>
          Effect.gen(function* () {
            most = Math.max(most, ++now)
            yield* run(Effect.sleep("100 seconds"))
            yield* remove
            now--
            done.push(message.body)
          }).pipe(Effect.orDie)
        )
        yield* TestClock.adjust("98 seconds")
        assert.deepEqual([now, most, done.length], [25, 25, 0])
        assert.strictEqual((yield* queue.attributes(url)).available, 35)
        yield* TestClock.adjust("250 seconds")
        assert.deepEqual([most, new Set(done).size, done.length], [25, 60, 60])
        yield* ended
      })
    )
  )

  it.effect("drains: lets its poll end, puts back what that brings, and finishes what it holds", () =>
    law(
      Effect.gen(function* () {
        const done: string[] = []
        const { queue, url, drain, consumer } = yield* started(1, (lease) =>
          lease
            .run(Effect.sleep("60 seconds"))
            .pipe(Effect.andThen(lease.delete), Effect.andThen(Effect.sync(() => done.push(lease.message.body))), Effect.orDie)
        )
        yield* drain
        yield* queue.send(url, { body: "late" })
        yield* TestClock.adjust("1 second")
        const { available, inFlight } = yield* queue.attributes(url)
        assert.deepEqual([available, inFlight], [1, 1])
        assert.isUndefined(consumer.pollUnsafe())
        yield* TestClock.adjust("60 seconds")
        yield* Fiber.join(consumer)
        assert.deepEqual(done, ["0"])
      })
    )
  )

  it.effect("interrupted, ends its poll in the same way and puts back what its handlers held", () =>
    law(
      Effect.gen(function* () {
        const { queue, url, consumer } = yield* started(3, (lease) => Effect.orDie(lease.run(Effect.never)))
        const interrupted = yield* Effect.forkChild(Fiber.interrupt(consumer))
        yield* TestClock.adjust("1 millis")
        assert.isUndefined(interrupted.pollUnsafe())
        yield* queue.send(url, { body: "late" })
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(interrupted)
        assert.strictEqual((yield* queue.attributes(url)).available, 4)
      })
    )
  )

  it.effect("goes on after faults that pass, and says so", () =>
    law(
      Effect.gen(function* () {
        let failures = 0
        const down = new QueueUnavailable({ queue: "jobs", operation: "receive", reason: "OverLimit" })
        const done: string[] = []
        const { ended } = yield* started(
          5,
          (lease) =>
            Effect.orDie(
              Effect.andThen(
                lease.delete,
                Effect.sync(() => done.push(lease.message.body))
              )
            ),
          (queue) => ({ receive: (url, options) => (failures++ < 6 ? Effect.fail(down) : queue.receive(url, options)) })
        )
        yield* TestClock.adjust("60 seconds")
        assert.lengthOf(done, 5)
        yield* ended
      })
    )
  )

  it.effect("fails where the queue goes or is denied", () =>
    law(
      Effect.gen(function* () {
        const gone = yield* started(0, () => Effect.void)
        yield* gone.queue.remove(gone.url)
        yield* TestClock.adjust("11 seconds")
        assert.strictEqual((yield* Effect.flip(Fiber.join(gone.consumer)))._tag, "QueueMissing")
        const denied = new QueueRefused({ queue: "jobs", operation: "receive", reason: "AccessDenied" })
        const refused = yield* started(
          0,
          () => Effect.void,
          () => ({ receive: () => Effect.fail(denied) })
        )
        assert.strictEqual(yield* Effect.flip(Fiber.join(refused.consumer)), denied)
      })
    )
  )
})
