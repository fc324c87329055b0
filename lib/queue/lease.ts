import { Clock, Deferred, Effect, Fiber, type Scope } from "effect"
import { queueName } from "./message-body.ts"
import { Queue, type Received } from "./queue.ts"
import { type LeaseError, LeaseLost } from "./queue-error.ts"
import { retryLease } from "./retry-lease.ts"

/** A message in flight that is held by heartbeats until it is deleted, put back or lost, or until its scope closes. */
export interface Lease {
  readonly message: Received
  /** Fails when the lease is lost, and never succeeds. */
  readonly lost: Effect.Effect<never, LeaseLost>
  /** Runs a job under the lease: interrupts it, and fails with `LeaseLost`, as soon as the lease is lost. */
  readonly run: <A, E, R>(job: Effect.Effect<A, E, R>) => Effect.Effect<A, E | LeaseLost, R>
  /** Deletes the message, which ends the lease: after its output is committed. Any failure means that the lease is lost. */
  readonly delete: Effect.Effect<void, LeaseLost>
  /**
   * Ends the lease and makes the message visible to others in `seconds`; where that fails, it becomes visible when its visibility
   * expires. Does nothing to a lease that has ended.
   */
  readonly putBack: (seconds: number) => Effect.Effect<void>
}

/** Options of a lease. */
export interface LeaseOptions {
  /** Seconds that the message was received for, and that each heartbeat extends it to: an integer, 1 to `longestLeaseSeconds`. */
  readonly visibilitySeconds: number
  /** Monotonic clock when the message was received, in nanoseconds. Default: now. */
  readonly receivedNanos?: bigint
}

/** SQS holds a message for 12 hours from its reception, extensions included; a minute is subtracted for clocks that differ. */
export const longestLeaseSeconds = 43_200 - 60

/** Pause between attempts of one operation, as a fraction of the visibility. */
const pausePart = 1 / 24

/**
 * Time limit for putting a message back: a consumer that drains has little time, and the visibility's expiry has the same effect.
 */
const putBackSeconds = 5

/**
 * Holds a message: extends its visibility by its whole length, each time a third of it is gone, for at most 12 hours in all.
 * A heartbeat with a transient failure is retried until two thirds of the visibility are gone, so a job is stopped while the
 * message is still hidden from others. The lease is lost when a heartbeat fails permanently or comes too late (in a process that
 * was stopped meanwhile), or when 12 hours are over; `lost` and `run` report it, nothing else fails.
 */
export const holdLease: (
  url: string,
  message: Received,
  options: LeaseOptions
) => Effect.Effect<Lease, never, Queue | Scope.Scope> = Effect.fnUntraced(function* (
  url,
  message,
  { visibilitySeconds: visibility, receivedNanos }
) {
  const operations = yield* Queue
  const queue = queueName(url)
  const received = receivedNanos ?? (yield* Clock.monotonicTimeNanos)
  const elapsed = Effect.map(Clock.monotonicTimeNanos, (now) => Number(now - received) / 1e9)
  const lost = yield* Deferred.make<never, LeaseLost>()
  /** Seconds after its reception for which the message is ours, counted from before the request that extended it. */
  let until = visibility
  let ended = false

  const trying = (operation: string, attempt: Effect.Effect<void, LeaseError>, deadline: number) =>
    retryLease(attempt, {
      queue,
      operation,
      deadlineNanos: received + BigInt(Math.round(deadline * 1e9)),
      pauseSeconds: visibility * pausePart
    })

  const beat = Effect.gen(function* () {
    const start = yield* elapsed
    if (start >= until) return yield* new LeaseLost({ queue, operation: "beat", reason: "it came too late" })
    const seconds = Math.min(visibility, Math.floor(longestLeaseSeconds - start))
    const early = until - visibility / 3
    let asked = start
    const extend = Effect.gen(function* () {
      asked = yield* elapsed
      yield* operations.changeVisibility(url, message.handle, seconds)
    })
    yield* trying("beat", extend, start < early ? early : until)
    until = Math.min(asked + seconds, longestLeaseSeconds)
  })

  const beats = Effect.gen(function* () {
    while (until < longestLeaseSeconds - 1) {
      const pause = until - (visibility * 2) / 3 - (yield* elapsed)
      yield* Effect.sleep(`${Math.max(0, Math.round(pause * 1000))} millis`)
      yield* beat
    }
    yield* Effect.sleep(`${Math.max(0, Math.floor((until - (yield* elapsed)) * 1000))} millis`)
    return yield* new LeaseLost({ queue, operation: "beat", reason: "12 hours are over" })
  }).pipe(Effect.catch((error) => Deferred.fail(lost, error)))

  const fiber = yield* Effect.forkScoped(beats)
  const isLost = Effect.suspend(() => (Deferred.isDoneUnsafe(lost) ? Deferred.await(lost) : Effect.void))
  return {
    message,
    lost: Deferred.await(lost),
    run: (job) => Effect.andThen(isLost, Effect.raceFirst(job, Deferred.await(lost))),
    delete: Effect.gen(function* () {
      yield* isLost
      ended = true
      yield* Fiber.interrupt(fiber)
      yield* trying("delete", operations.delete(url, message.handle), until)
    }),
    putBack: Effect.fnUntraced(function* (seconds) {
      if (ended || Deferred.isDoneUnsafe(lost)) return
      ended = true
      yield* Fiber.interrupt(fiber)
      const now = yield* elapsed
      const asked = Math.max(0, Math.min(Math.round(seconds), Math.floor(longestLeaseSeconds - now)))
      const attempt = operations.changeVisibility(url, message.handle, asked)
      yield* Effect.ignore(trying("putBack", attempt, Math.min(until, now + putBackSeconds)))
    })
  }
})
