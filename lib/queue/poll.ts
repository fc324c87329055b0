import { Clock, Deferred, Effect, Exit, Random } from "effect"
import { Queue, type Received } from "./queue.ts"
import type { QueueMissing, QueueRefused, QueueUnavailable } from "./queue-error.ts"

/** How a queue is polled. */
export interface PollOptions {
  /** How long an empty queue is watched by one request, in seconds, 0–20: also how long a drain may have to wait. */
  readonly waitSeconds: number
  /** How long messages are received for. */
  readonly visibilitySeconds: number
  /** Waits until there is room, and says for how many messages (at least 1). */
  readonly room: Effect.Effect<number>
  /** Takes over a message at once, e.g. by forking; `receivedNanos` is the monotonic clock when the answer came. */
  readonly deliver: (message: Received, receivedNanos: bigint) => Effect.Effect<void>
  /** No request starts once this is done. */
  readonly stop: Deferred.Deferred<void>
  /** Hears of faults that may pass; the poll goes on after a pause. */
  readonly onFault?: (error: QueueUnavailable) => Effect.Effect<void>
}

/** Pauses after faults double from the first to the last, in seconds, with jitter of ±50 %. */
const pauses = { first: 0.2, last: 20 }

/**
 * Polls a queue until it is told to stop, or interrupted.
 *
 * A poll under way is always let end, for on every server an aborted one takes the next message with it; what it brings after the
 * stop is put back at once. So stopping takes at most `waitSeconds` and what putting back takes. Fails where the queue is gone or
 * access is denied.
 */
export const poll: (url: string, options: PollOptions) => Effect.Effect<void, QueueMissing | QueueRefused, Queue> =
  Effect.fnUntraced(function* (url, { waitSeconds, visibilitySeconds, room, deliver, stop, onFault = () => Effect.void }) {
    const queue = yield* Queue
    const stopped = Deferred.await(stop)
    const putBack = (messages: ReadonlyArray<Received>) =>
      Effect.forEach(messages, ({ handle }) => Effect.ignore(queue.changeVisibility(url, handle, 0)), {
        concurrency: "unbounded",
        discard: true
      })

    const once = (max: number) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const messages = yield* queue.receive(url, { max: Math.min(10, max), waitSeconds, visibilitySeconds })
          const receivedNanos = yield* Clock.monotonicTimeNanos
          const interrupted = Exit.isFailure(yield* Effect.exit(restore(Effect.yieldNow)))
          if (interrupted || Deferred.isDoneUnsafe(stop)) yield* putBack(messages)
          else for (const message of messages) yield* deliver(message, receivedNanos)
        })
      )

    let faults = 0
    while (!Deferred.isDoneUnsafe(stop)) {
      const free = yield* Effect.raceFirst(room, Effect.as(stopped, 0))
      if (free === 0 || Deferred.isDoneUnsafe(stop)) return
      const answer = yield* Effect.result(once(free))
      if (answer._tag === "Success") {
        faults = 0
        continue
      }
      if (answer.failure._tag !== "QueueUnavailable") return yield* Effect.fail(answer.failure)
      yield* onFault(answer.failure)
      const pause = Math.min(pauses.last, pauses.first * 2 ** faults++) * (0.5 + (yield* Random.next))
      yield* Effect.raceFirst(Effect.sleep(`${Math.ceil(pause * 1000)} millis`), stopped)
    }
  })
