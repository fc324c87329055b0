import { Clock, Effect, Latch, Layer, Result } from "effect"
import { messageBody, queueName } from "../../lib/queue/message-body.ts"
import { type Outgoing, Queue, type QueueOperations, type QueueSettings, type Received } from "../../lib/queue/queue.ts"
import { LeaseLost, MessageRefused, QueueMissing } from "../../lib/queue/queue-error.ts"

interface Held {
  readonly id: string
  readonly body: string
  readonly sentMillis: number
  /** When it can be received, by the monotonic clock in milliseconds. */
  visible: number
  receptions: number
  firstReceived: number
}

interface Kept {
  readonly settings: QueueSettings
  readonly messages: Map<string, Held>
}

const longest = 43_200_000

/**
 * Queues in memory as AWS's documentation has them, strict where servers differ, on Effect's clock: what the lease protocol is tested
 * against in simulated time. A lease is the latest reception's only, and none once it has run out.
 */
export const memoryQueue = Layer.sync(Queue, () => {
  const queues = new Map<string, Kept>()
  const changed = Latch.makeUnsafe(false)
  let made = 0
  const now = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)
  const kept = (url: string) =>
    Effect.suspend(() => {
      const queue = queues.get(url)
      return queue === undefined ? Effect.fail(new QueueMissing({ queue: queueName(url) })) : Effect.succeed(queue)
    })
  const wake = Effect.andThen(changed.release, Effect.void)

  const put = Effect.fnUntraced(function* (url: string, { body, delaySeconds = 0 }: Outgoing) {
    const queue = yield* kept(url)
    const text = messageBody(body)
    if (Result.isFailure(text)) return yield* new MessageRefused({ queue: queueName(url), reason: text.failure })
    const id = `m${made++}`
    const visible = (yield* now) + delaySeconds * 1000
    const sentMillis = yield* Clock.currentTimeMillis
    queue.messages.set(id, { id, body: text.success, sentMillis, visible, receptions: 0, firstReceived: -1 })
    yield* wake
    return id
  })

  const take = Effect.fnUntraced(function* (url: string, max: number, visibilitySeconds: number | undefined) {
    const { messages, settings } = yield* kept(url)
    const time = yield* now
    const taken: Received[] = []
    for (const held of messages.values()) {
      if (taken.length === max) break
      if (held.visible > time) continue
      const dead = settings.deadLetters
      if (dead !== undefined && held.receptions >= dead.maxReceiveCount) {
        messages.delete(held.id)
        queues.get(dead.url)?.messages.set(held.id, held)
        continue
      }
      held.receptions++
      if (held.firstReceived < 0) held.firstReceived = time
      held.visible = time + (visibilitySeconds ?? settings.visibilitySeconds) * 1000
      const { id, body, receptions, sentMillis } = held
      taken.push({ id, body, handle: `${id}#${receptions}`, receiveCount: receptions, sentMillis })
    }
    return taken
  })

  /** The message that a handle is the latest of. */
  const latest = Effect.fnUntraced(function* (url: string, handle: string, operation: string) {
    const { messages } = yield* kept(url)
    const [id = "", nth = ""] = handle.split("#")
    const held = messages.get(id)
    if (held !== undefined && String(held.receptions) === nth) return { held, messages }
    return yield* new LeaseLost({ queue: queueName(url), operation, reason: "ReceiptHandleIsInvalid" })
  })

  const operations: QueueOperations = {
    send: put,
    sendBatch: (url, messages) =>
      Effect.andThen(
        kept(url),
        Effect.forEach(messages, (message) => Effect.result(put(url, message)))
      ),
    receive: (url, { max, waitSeconds, visibilitySeconds }) =>
      Effect.uninterruptible(
        Effect.gen(function* () {
          const end = (yield* now) + waitSeconds * 1000
          while (true) {
            const taken = yield* take(url, max, visibilitySeconds)
            const time = yield* now
            if (taken.length > 0 || time >= end) return taken
            const { messages } = yield* kept(url)
            const next = Math.min(end, ...[...messages.values()].map(({ visible }) => visible))
            yield* Effect.raceFirst(changed.await, Effect.sleep(`${Math.max(1, Math.ceil(next - time))} millis`))
          }
        })
      ),
    changeVisibility: Effect.fnUntraced(function* (url, handle, seconds) {
      const { held } = yield* latest(url, handle, "changeVisibility")
      const time = yield* now
      const lost = (reason: string) => new LeaseLost({ queue: queueName(url), operation: "changeVisibility", reason })
      if (held.visible <= time) return yield* lost("MessageNotInflight")
      if (time + seconds * 1000 - held.firstReceived > longest) return yield* lost("InvalidParameterValue")
      held.visible = time + seconds * 1000
      yield* wake
    }),
    delete: Effect.fnUntraced(function* (url, handle) {
      const { held, messages } = yield* latest(url, handle, "delete")
      messages.delete(held.id)
    }),
    attributes: Effect.fnUntraced(function* (url) {
      const { settings, messages } = yield* kept(url)
      const time = yield* now
      const all = [...messages.values()]
      const hidden = all.filter(({ visible }) => visible > time)
      const dead = settings.deadLetters
      return {
        visibilitySeconds: settings.visibilitySeconds,
        retentionSeconds: settings.retentionSeconds ?? 1_209_600,
        available: all.length - hidden.length,
        inFlight: hidden.filter(({ receptions }) => receptions > 0).length,
        delayed: hidden.filter(({ receptions }) => receptions === 0).length,
        deadLetters: dead && { name: queueName(dead.url), maxReceiveCount: dead.maxReceiveCount }
      }
    }),
    find: (name) => Effect.as(kept(`memory:/${name}`), `memory:/${name}`),
    create: (name, settings) =>
      Effect.sync(() => {
        const url = `memory:/${name}`
        if (!queues.has(url)) queues.set(url, { settings, messages: new Map() })
        return url
      }),
    remove: (url) => Effect.sync(() => void queues.delete(url))
  }
  return Queue.of(operations)
})
