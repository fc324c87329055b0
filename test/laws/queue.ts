import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, type Layer, Result, type Scope } from "effect"
import * as fc from "fast-check"
import { batches } from "../../lib/queue/batches.ts"
import { Queue, type QueueSettings, type Received } from "../../lib/queue/queue.ts"
import type { LeaseError, SendError } from "../../lib/queue/queue-error.ts"
import { seed } from "../seed.ts"

let made = 0

// Any UTF-16 at all, lone surrogates too; fast-check's own unit "binary" takes seconds to start.
const anyText = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((units) => String.fromCharCode(...units))

/** A name no queue had before. */
export const freshName = (): string => `laws-${process.pid}-${Date.now().toString(36)}-${made++}`

/** A queue of its own for a test, removed afterwards. */
export const freshQueue = Effect.fnUntraced(function* (settings: Partial<QueueSettings> = {}) {
  const queue = yield* Queue
  const create = queue.create(freshName(), { visibilitySeconds: 30, ...settings })
  return yield* Effect.acquireRelease(create, (url) => Effect.ignore(queue.remove(url)))
})

/** What can be received now, at most `count`; three empty answers are the end. */
export const receiveAll = Effect.fnUntraced(function* (url: string, count: number, visibilitySeconds = 30) {
  const queue = yield* Queue
  const all: Received[] = []
  for (let empty = 0; all.length < count && empty < 3; ) {
    const got = yield* queue.receive(url, { max: 10, waitSeconds: 0, visibilitySeconds })
    empty = got.length === 0 ? empty + 1 : 0
    all.push(...got)
  }
  return all
})

const one = (url: string, visibilitySeconds = 30) => Effect.map(receiveAll(url, 1, visibilitySeconds), ([message]) => message!)
const bodies = (messages: ReadonlyArray<Received>) => messages.map(({ body }) => body).sort()

/** What the law `within` milliseconds is measured by: real time, for servers have no other. */
const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const start = performance.now()
    return Effect.map(effect, (value) => [value, performance.now() - start] as const)
  })

/** Where servers differ from AWS, in ways that jobs must bear. */
export interface Traits {
  /** What becomes of an extension by who lost the message to another. Default "refused", as AWS says. */
  readonly staleExtension?: "refused" | "accepted"
  /** Whether a queue keeps the retention it was given. Default "kept". */
  readonly retention?: "kept" | "fixed"
}

type Law = (queue: Queue["Service"], traits: Traits) => Effect.Effect<void, unknown, Queue | Scope.Scope>

const laws: { readonly [problem: string]: Law } = {
  "what is sent is received, with its id, a handle, a count of 1 and when it was sent": Effect.fn(function* (queue) {
    const url = yield* freshQueue()
    const before = Date.now()
    const id = yield* queue.send(url, { body: '{"a":1}' })
    const message = yield* one(url)
    assert.strictEqual(message.id, id)
    assert.strictEqual(message.body, '{"a":1}')
    assert.strictEqual(message.receiveCount, 1)
    assert.isNotEmpty(message.handle)
    assert.closeTo(message.sentMillis, before, 60_000)
  }),
  "JSON of any characters means the same when received": Effect.fn(function* (queue) {
    const url = yield* freshQueue()
    const texts = fc.sample(anyText, { seed, numRuns: 40 })
    const values = [...texts, "😀", "\u0000\ud800\uffff", "é\t\n"].map((text, i) => ({ i, text }))
    const sent = yield* queue.sendBatch(
      url,
      values.map((value) => ({ body: JSON.stringify(value) }))
    )
    assert.deepEqual(sent.filter(Result.isFailure), [])
    const got: ReadonlyArray<{ i: number; text: string }> = (yield* receiveAll(url, values.length)).map(({ body }) =>
      JSON.parse(body)
    )
    assert.strictEqual(JSON.stringify(got.toSorted((a, b) => a.i - b.i)), JSON.stringify(values))
  }),
  "a message that no queue can carry is refused, and those beside it are sent": Effect.fn(function* (queue) {
    const url = yield* freshQueue()
    for (const body of ["", "\u0000", "not JSON: é", "x".repeat(2 ** 20 + 1)]) {
      const error = yield* Effect.flip(queue.send(url, { body }))
      assert.strictEqual(error._tag, "MessageRefused")
    }
    const sent = yield* queue.sendBatch(url, [{ body: "1" }, { body: "" }, { body: "2" }])
    assert.deepEqual(sent.map(Result.isSuccess), [true, false, true])
    assert.deepEqual(bodies(yield* receiveAll(url, 2)), ["1", "2"])
  }),
  "a batch of any length is sent in order of its results, 1 MiB to a request": Effect.fn(function* (queue) {
    const url = yield* freshQueue()
    const big = "y".repeat(400_000)
    const messages = [...Array.from({ length: 23 }, (_, i) => `${i}`), big, big, big].map((body) => ({ body }))
    assert.deepEqual(
      batches(messages).map((batch) => batch.length),
      [10, 10, 5, 1]
    )
    const sent = yield* queue.sendBatch(url, messages)
    const ids = sent.map((result) => Result.getOrThrow(result))
    const got = yield* receiveAll(url, messages.length)
    const lengths = new Map(got.map(({ id, body }) => [id, body.length > 10 ? "big" : body]))
    assert.deepEqual(
      ids.map((id) => lengths.get(id)),
      messages.map(({ body }) => (body === big ? "big" : body))
    )
    assert.deepEqual(yield* queue.sendBatch(url, []), [])
  }),
  "a message of 1 MiB is carried": Effect.fn(function* (queue) {
    const url = yield* freshQueue()
    yield* queue.send(url, { body: "z".repeat(2 ** 20) })
    assert.lengthOf((yield* one(url)).body, 2 ** 20)
  }),
  "a message in flight is hidden from others until it is put back, and counts its receptions": Effect.fn(function* (queue) {
    const url = yield* freshQueue()
    yield* queue.send(url, { body: "1" })
    const first = yield* one(url)
    assert.deepEqual(yield* receiveAll(url, 1), [])
    yield* queue.changeVisibility(url, first.handle, 0)
    const second = yield* one(url)
    assert.strictEqual(second.id, first.id)
    assert.strictEqual(second.receiveCount, 2)
  }),
  "a message comes back when its visibility runs out, and not while it is extended": Effect.fn(function* (queue) {
    const url = yield* freshQueue()
    yield* queue.sendBatch(url, [{ body: "left" }, { body: "held" }])
    const messages = yield* receiveAll(url, 2, 1)
    const held = messages.find(({ body }) => body === "held")!
    yield* queue.changeVisibility(url, held.handle, 30)
    const [back] = yield* timed(queue.receive(url, { max: 10, waitSeconds: 10 }))
    assert.deepEqual(bodies(back), ["left"])
    assert.deepEqual(yield* receiveAll(url, 1), [])
    yield* queue.delete(url, held.handle)
  }),
  "a delayed message comes after its delay": Effect.fn(function* (queue) {
    const url = yield* freshQueue()
    yield* queue.send(url, { body: "1", delaySeconds: 1 })
    assert.deepEqual(yield* receiveAll(url, 1), [])
    assert.lengthOf(yield* queue.receive(url, { max: 1, waitSeconds: 10 }), 1)
  }),
  "a deleted message never comes back": Effect.fn(function* (queue) {
    const url = yield* freshQueue()
    yield* queue.send(url, { body: "1" })
    const message = yield* one(url, 1)
    yield* queue.delete(url, message.handle)
    assert.deepEqual(yield* queue.receive(url, { max: 1, waitSeconds: 2 }), [])
  }),
  "deleting again succeeds or says that the lease is lost": Effect.fn(function* (queue) {
    const url = yield* freshQueue()
    yield* queue.send(url, { body: "1" })
    const { handle } = yield* one(url)
    yield* queue.delete(url, handle)
    const again = yield* Effect.result(queue.delete(url, handle))
    if (Result.isFailure(again)) assert.strictEqual(again.failure._tag, "LeaseLost")
  }),
  "who lost a message to another cannot extend it, and the other can": Effect.fn(function* (queue, { staleExtension }) {
    const url = yield* freshQueue()
    yield* queue.send(url, { body: "1" })
    const first = yield* one(url)
    yield* queue.changeVisibility(url, first.handle, 0)
    const second = yield* one(url)
    const stale = yield* Effect.result(queue.changeVisibility(url, first.handle, 20))
    const said = Result.isFailure(stale) ? stale.failure._tag : "accepted"
    assert.strictEqual(said, staleExtension === "accepted" ? "accepted" : "LeaseLost")
    yield* queue.changeVisibility(url, second.handle, 20)
    yield* queue.delete(url, second.handle)
  }),
  "a long poll waits for a message and wakes for it": Effect.fn(function* (queue) {
    const url = yield* freshQueue()
    const [none, waited] = yield* timed(queue.receive(url, { max: 1, waitSeconds: 1 }))
    assert.deepEqual(none, [])
    assert.isAtLeast(waited, 900)
    const poll = yield* Effect.forkChild(timed(queue.receive(url, { max: 1, waitSeconds: 20 })))
    yield* Effect.sleep("300 millis")
    yield* queue.send(url, { body: "1" })
    const [some, woken] = yield* Fiber.join(poll)
    assert.deepEqual(bodies(some), ["1"])
    assert.isBelow(woken, 15_000)
  }),
  "an interrupted long poll ends by itself, and takes no later message with it": Effect.fn(function* (queue) {
    const url = yield* freshQueue()
    const poll = yield* Effect.forkChild(queue.receive(url, { max: 1, waitSeconds: 2 }))
    yield* Effect.sleep("200 millis")
    const [, waited] = yield* timed(Fiber.interrupt(poll))
    assert.isAtLeast(waited, 1000)
    yield* queue.send(url, { body: "1" })
    assert.lengthOf(yield* receiveAll(url, 1), 1)
  }),
  "at most max messages come at once": Effect.fn(function* (queue) {
    const url = yield* freshQueue()
    yield* queue.sendBatch(
      url,
      Array.from({ length: 12 }, (_, i) => ({ body: `${i}` }))
    )
    for (const max of [1, 4, 10]) {
      const got = yield* queue.receive(url, { max, waitSeconds: 1, visibilitySeconds: 0 })
      assert.isAtMost(got.length, max)
      assert.isAtLeast(got.length, 1)
    }
  }),
  "attributes say what a queue is set to and what it holds": Effect.fn(function* (queue, { retention }) {
    const url = yield* freshQueue({ visibilitySeconds: 77, retentionSeconds: 3600 })
    yield* queue.sendBatch(url, [{ body: "1" }, { body: "2" }, { body: "3" }, { body: "4", delaySeconds: 60 }])
    yield* queue.receive(url, { max: 1, waitSeconds: 1 })
    assert.deepEqual(yield* queue.attributes(url), {
      visibilitySeconds: 77,
      retentionSeconds: retention === "fixed" ? 345_600 : 3600,
      available: 2,
      inFlight: 1,
      delayed: 1,
      deadLetters: undefined
    })
  }),
  "a message received too often goes to the queue of dead letters": Effect.fn(function* (queue) {
    const dead = yield* freshQueue()
    const url = yield* freshQueue({ deadLetters: { url: dead, maxReceiveCount: 2 } })
    const { deadLetters } = yield* queue.attributes(url)
    assert.deepEqual(deadLetters, { name: dead.slice(dead.lastIndexOf("/") + 1), maxReceiveCount: 2 })
    yield* queue.send(url, { body: "poison" })
    for (const count of [1, 2]) {
      const message = yield* one(url)
      assert.strictEqual(message.receiveCount, count)
      yield* queue.changeVisibility(url, message.handle, 0)
    }
    assert.deepEqual(yield* receiveAll(url, 1), [])
    assert.deepEqual(bodies(yield* queue.receive(dead, { max: 1, waitSeconds: 5 })), ["poison"])
  }),
  "a queue is found by its name, and making it again finds it": Effect.fn(function* (queue) {
    const name = freshName()
    const settings = { visibilitySeconds: 30 }
    const url = yield* queue.create(name, settings)
    assert.strictEqual(yield* queue.create(name, settings), url)
    assert.strictEqual(yield* queue.find(name), url)
    yield* queue.remove(url)
  }),
  "a queue that is not there, or no longer, is missing to every operation": Effect.fn(function* (queue) {
    const name = freshName()
    assert.strictEqual((yield* Effect.flip(queue.find(name)))._tag, "QueueMissing")
    const url = yield* queue.create(name, { visibilitySeconds: 30 })
    yield* queue.send(url, { body: "1" })
    const { handle } = yield* one(url)
    yield* queue.remove(url)
    const operations: ReadonlyArray<Effect.Effect<unknown, LeaseError | SendError>> = [
      queue.send(url, { body: "1" }),
      queue.sendBatch(url, [{ body: "1" }]),
      queue.receive(url, { max: 1, waitSeconds: 0 }),
      queue.changeVisibility(url, handle, 0),
      queue.delete(url, handle),
      queue.attributes(url)
    ]
    const tags = yield* Effect.forEach(operations, (operation) =>
      Effect.map(Effect.flip(operation), ({ _tag, message }) => `${_tag}: ${message}`)
    )
    assert.deepEqual(new Set(tags), new Set([`QueueMissing: ${name}: there is no such queue`]))
  })
}

/** The laws of every implementation of `Queue`, on a server of its own; `name` stands in the titles. */
export const queueLaws = <E>(name: string, queues: Layer.Layer<Queue, E>, traits: Traits = {}): void =>
  layer(queues, { excludeTestServices: true })(`queue ${name}`, (it) => {
    for (const [problem, law] of Object.entries(laws))
      it.effect(problem, () => Effect.scoped(Effect.flatMap(Queue, (queue) => law(queue, traits))))
  })
