import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, type Scope } from "effect"
import { TestClock } from "effect/testing"
import { holdLease, longestLeaseSeconds } from "../../../lib/queue/lease.ts"
import { Queue, type QueueOperations } from "../../../lib/queue/queue.ts"
import { QueueUnavailable } from "../../../lib/queue/queue-error.ts"
import { memoryQueue } from "../../faults/memory-queue.ts"

const usual = 30

/** A queue with one message, received; every extension asked for is noted; `change` may stand in for extending. */
const taken = Effect.fnUntraced(function* (change?: QueueOperations["changeVisibility"], visibilitySeconds = usual) {
  const queue = yield* Queue
  const url = yield* queue.create("jobs", { visibilitySeconds })
  yield* queue.send(url, { body: "1" })
  const [message] = yield* queue.receive(url, { max: 1, waitSeconds: 0 })
  const asked: number[] = []
  const noted = Queue.of({
    ...queue,
    changeVisibility: (url, handle, seconds) => {
      asked.push(seconds)
      return (change ?? queue.changeVisibility)(url, handle, seconds)
    }
  })
  const lease = yield* Effect.provideService(holdLease(url, message!, { visibilitySeconds }), Queue, noted)
  const others = Effect.map(queue.receive(url, { max: 1, waitSeconds: 0 }), (got) => got.length)
  return { url, queue, lease, asked, others }
})

const down = () => Effect.fail(new QueueUnavailable({ queue: "jobs", operation: "changeVisibility", reason: "ECONNRESET" }))
const law = (body: Effect.Effect<void, unknown, Queue | Scope.Scope>) =>
  Effect.provide(Effect.scoped(body), Layer.fresh(memoryQueue))

describe("a lease", () => {
  it.effect("is extended each third of its visibility, so that nobody else gets the message", () =>
    law(
      Effect.gen(function* () {
        const { lease, asked, others } = yield* taken()
        for (let second = 0; second < 100; second++) {
          yield* TestClock.adjust("1 second")
          assert.strictEqual(yield* others, 0)
        }
        assert.deepEqual(
          asked,
          Array.from({ length: 10 }, () => usual)
        )
        assert.strictEqual(yield* lease.run(Effect.succeed("done")), "done")
      })
    )
  )

  it.effect("ends with a deletion, which is final, and beats no more", () =>
    law(
      Effect.gen(function* () {
        const { lease, asked, others } = yield* taken()
        yield* lease.delete
        yield* TestClock.adjust("1 hour")
        assert.deepEqual([asked.length, yield* others], [0, 0])
        yield* lease.putBack(0)
        assert.lengthOf(asked, 0)
      })
    )
  )

  it.effect("ends when the message is put back, which others then get after the given time", () =>
    law(
      Effect.gen(function* () {
        const { lease, others } = yield* taken()
        yield* lease.putBack(60)
        yield* TestClock.adjust("59 seconds")
        assert.strictEqual(yield* others, 0)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* others, 1)
      })
    )
  )

  it.effect("outlasts faults that pass before two thirds of the visibility are gone", () =>
    law(
      Effect.gen(function* () {
        let until = 18
        const queue = yield* Queue
        let second = 0
        const { lease, others } = yield* taken((url, handle, seconds) =>
          second < until ? down() : queue.changeVisibility(url, handle, seconds)
        )
        const job = yield* Effect.forkChild(lease.run(Effect.never))
        for (; second < 200; second++) {
          if (second === 60) until = 68
          yield* TestClock.adjust("1 second")
          assert.strictEqual(yield* others, 0)
        }
        assert.isUndefined(job.pollUnsafe())
      })
    )
  )

  it.effect("is lost when no beat comes through, and the job is stopped before others get the message", () =>
    law(
      Effect.gen(function* () {
        const { lease, others } = yield* taken(down)
        const stopped = yield* Deferred.make<void>()
        const job = yield* Effect.forkChild(
          Effect.flip(lease.run(Effect.onInterrupt(Effect.never, () => Deferred.succeed(stopped, undefined))))
        )
        yield* TestClock.adjust("22 seconds")
        assert.isTrue(yield* Deferred.isDone(stopped))
        assert.strictEqual((yield* Fiber.join(job))._tag, "LeaseLost")
        assert.strictEqual(yield* others, 0)
        yield* TestClock.adjust("8 seconds")
        assert.strictEqual(yield* others, 1)
      })
    )
  )

  it.effect("is lost at once when a beat says so, and then nothing more is asked of the queue", () =>
    law(
      Effect.gen(function* () {
        const { lease, queue, url, asked } = yield* taken()
        yield* queue.changeVisibility(url, lease.message.handle, 0)
        yield* queue.receive(url, { max: 1, waitSeconds: 0 })
        yield* TestClock.adjust("10 seconds")
        const lost = yield* Effect.flip(lease.lost)
        assert.strictEqual(lost.message, "jobs: changeVisibility: the lease is lost: ReceiptHandleIsInvalid")
        assert.strictEqual((yield* Effect.flip(lease.run(Effect.void)))._tag, "LeaseLost")
        assert.strictEqual((yield* Effect.flip(lease.delete))._tag, "LeaseLost")
        yield* lease.putBack(0)
        yield* TestClock.adjust("1 hour")
        assert.lengthOf(asked, 1)
      })
    )
  )

  it.effect("is lost when a beat hangs", () =>
    law(
      Effect.gen(function* () {
        const { lease } = yield* taken(() => Effect.never)
        yield* TestClock.adjust("20 seconds")
        assert.include((yield* Effect.flip(lease.lost)).message, "no answer in time")
      })
    )
  )

  it.effect("is lost when its process was stopped for longer than the visibility", () =>
    law(
      Effect.gen(function* () {
        const queue = yield* Queue
        const visibilitySeconds = usual
        const url = yield* queue.create("jobs", { visibilitySeconds })
        yield* queue.send(url, { body: "1" })
        const [message] = yield* queue.receive(url, { max: 1, waitSeconds: 0 })
        yield* TestClock.adjust("31 seconds")
        const lease = yield* holdLease(url, message!, { visibilitySeconds, receivedNanos: 0n })
        yield* TestClock.adjust("1 millis")
        assert.include((yield* Effect.flip(lease.lost)).message, "it came too late")
      })
    )
  )

  it.effect("is never held for more than 12 hours, nor is that asked for", () =>
    law(
      Effect.gen(function* () {
        const { lease, others } = yield* taken(undefined, 600)
        yield* TestClock.adjust(`${longestLeaseSeconds - 2} seconds`)
        const before = yield* Effect.exit(Effect.timeout(lease.lost, 0))
        assert.isTrue(Exit.isFailure(before))
        assert.strictEqual(yield* others, 0)
        yield* TestClock.adjust("2 seconds")
        assert.include((yield* Effect.flip(lease.lost)).message, "12 hours are over")
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* others, 1)
      })
    )
  )
})
