import { type Deferred, Effect, Exit, FiberSet, Latch } from "effect"
import { holdLease, type Lease } from "./lease.ts"
import { type PollOptions, poll } from "./poll.ts"
import type { Queue } from "./queue.ts"
import type { QueueMissing, QueueRefused } from "./queue-error.ts"

/** Options of a consumer of a queue. */
export interface ConsumeOptions extends Pick<PollOptions, "waitSeconds" | "visibilitySeconds" | "onFault"> {
  /** Maximum number of messages held at once, including those that wait for their turn. */
  readonly inFlight: number
  /** Completed when the consumer is to drain: no poll starts, and messages held are finished. */
  readonly stop: Deferred.Deferred<void>
}

/**
 * Polls a queue and handles its messages concurrently, at most `inFlight`, each under a lease with heartbeats from its reception
 * on: a handler may wait for a turn of its own (cores, a GPU) without losing its message. A handler ends the lease by `delete` or
 * `putBack`; otherwise other consumers get the message when its visibility expires.
 * Returns when a drain is complete: the last poll has ended and the last handler returned. Interruption interrupts the handlers,
 * whose messages are put back immediately.
 */
export const consume = <R>(
  url: string,
  { inFlight, ...options }: ConsumeOptions,
  handle: (lease: Lease) => Effect.Effect<void, never, R>
): Effect.Effect<void, QueueMissing | QueueRefused, Queue | R> =>
  Effect.scoped(
    Effect.gen(function* () {
      const handlers = yield* FiberSet.make<void>()
      const start = yield* FiberSet.runtime(handlers)<Queue | R>()
      const room = yield* Latch.make(true)
      let free = inFlight
      const freed = Effect.sync(() => {
        free++
        room.openUnsafe()
      })
      const handled = (lease: Lease) =>
        Effect.onExit(handle(lease), (exit) => (Exit.hasInterrupts(exit) ? lease.putBack(0) : Effect.void))

      yield* poll(url, {
        ...options,
        room: Effect.map(room.await, () => free),
        deliver: (message, receivedNanos) =>
          Effect.sync(() => {
            free--
            if (free === 0) room.closeUnsafe()
            const lease = holdLease(url, message, { visibilitySeconds: options.visibilitySeconds, receivedNanos })
            start(Effect.ensuring(Effect.scoped(Effect.flatMap(lease, handled)), freed))
          })
      })
      yield* FiberSet.awaitEmpty(handlers)
    })
  )
