import { Clock, Deferred, Effect, Exit, Random } from "effect"
import { Queue, type Received } from "./queue.ts"
import type { QueueMissing, QueueRefused, QueueUnavailable } from "./queue-error.ts"

/** Options of polling a queue. */
export interface PollOptions {
  /** Seconds that one request waits at an empty queue, 0–20: also the longest wait of a drain. */
  readonly waitSeconds: number
  /** Seconds that messages are received for. */
  readonly visibilitySeconds: number
  /** Waits until there is room, and returns for how many messages (at least 1). */
  readonly room: Effect.Effect<number>
  /** Takes over a message without waiting, e.g. by forking; `receivedNanos` is the monotonic clock when the answer came. */
  readonly deliver: (message: Received, receivedNanos: bigint) => Effect.Effect<void>
  /** No request starts once this is completed. */
  readonly stop: Deferred.Deferred<void>
  /** Called with transient failures; polling continues after a pause. */
  readonly onFault?: (error: QueueUnavailable) => Effect.Effect<void>
}

/** Pauses after failures double from the first to the last, in seconds, with jitter of ±50 %. */
const pauses = { first: 0.2, last: 20 }

/**
 * Polls a queue until `stop` is completed, or interruption.
 * A poll in progress is always allowed to end, since on every server an aborted one takes the next message with it; messages that
 * it returns after the stop are put back immediately. So stopping takes at most `waitSeconds` and the time of putting back. Fails
 * where the queue is gone or access is denied.
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
