import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import { gather } from "../../../lib/queue/gather.ts"

/** Gathers numbers; odd ones fail by name. Keeps what each request held. */
const gathering = (most: number) => {
  const requests: (readonly number[])[] = []
  const ask = gather<number, string>(most, 40, (items) =>
    Effect.sync(() => {
      requests.push([...items])
      return items.map((item) => (item % 2 ? Result.fail(`${item} is odd`) : Result.succeed(undefined)))
    })
  )
  return { requests, ask }
}

describe("items gathered", () => {
  it.effect("within the time are one request, and each caller gets its own result", () =>
    Effect.gen(function* () {
      const { requests, ask } = gathering(10)
      const all = yield* Effect.forkChild(Effect.forEach([0, 1, 2, 3], (item) => Effect.result(ask(item)), { concurrency: 4 }))
      yield* TestClock.adjust("39 millis")
      assert.deepEqual(requests, [])
      yield* TestClock.adjust("1 millis")
      const results = yield* Fiber.join(all)
      assert.deepEqual(requests, [[0, 1, 2, 3]])
      assert.deepEqual(results.map(Result.isSuccess), [true, false, true, false])
    })
  )

  it.effect("are sent at once when they are as many as a request takes; the next begin another", () =>
    Effect.gen(function* () {
      const { requests, ask } = gathering(3)
      const all = yield* Effect.forkChild(Effect.forEach([0, 2, 4, 6], ask, { concurrency: 4 }))
      yield* TestClock.adjust("0 millis")
      assert.deepEqual(requests, [[0, 2, 4]])
      yield* TestClock.adjust("40 millis")
      yield* Fiber.join(all)
      assert.deepEqual(requests, [[0, 2, 4], [6]])
    })
  )

  it.effect("are done though a caller was interrupted, even the first", () =>
    Effect.gen(function* () {
      const { requests, ask } = gathering(10)
      const first = yield* Effect.forkChild(ask(0))
      const second = yield* Effect.forkChild(ask(2))
      yield* TestClock.adjust("10 millis")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("30 millis")
      yield* Fiber.join(second)
      assert.deepEqual(requests, [[0, 2]])
    })
  )

  it.effect("all fail where their request does", () =>
    Effect.gen(function* () {
      const ask = gather<number, string>(10, 40, () => Effect.fail("no answer"))
      const all = yield* Effect.forkChild(Effect.forEach([0, 1], (item) => Effect.flip(ask(item)), { concurrency: 2 }))
      yield* TestClock.adjust("40 millis")
      assert.deepEqual(yield* Fiber.join(all), ["no answer", "no answer"])
    })
  )
})
