import { Clock, Effect, Random } from "effect"
import { type LeaseError, LeaseLost, type QueueUnavailable } from "./queue-error.ts"

/** An operation on a message in flight, and until when it is worth trying. */
export interface RetryOptions {
  readonly queue: string
  readonly operation: string
  /** The monotonic clock, in nanoseconds, after which success would mean nothing: a try still under way then is given up. */
  readonly deadlineNanos: bigint
  /** The mean of the pauses between tries, in seconds; each is drawn from half of it to one and a half. */
  readonly pauseSeconds: number
}

const isPassing = (error: LeaseError): error is QueueUnavailable => error._tag === "QueueUnavailable"

/** Tries an operation on a message again while its fault may pass and there is time; any other end is a lost lease. */
export const retryLease: (attempt: Effect.Effect<void, LeaseError>, options: RetryOptions) => Effect.Effect<void, LeaseLost> =
  Effect.fnUntraced(function* (attempt, { queue, operation, deadlineNanos, pauseSeconds }) {
    const lost = (reason: string) => new LeaseLost({ queue, operation, reason })
    for (let reason = "no time was left"; ; ) {
      const leftMillis = Math.ceil(Number(deadlineNanos - (yield* Clock.monotonicTimeNanos)) / 1e6)
      if (leftMillis <= 0) return yield* lost(reason)
      const inTime = Effect.timeoutOrElse(attempt, {
        duration: `${leftMillis} millis`,
        orElse: () => Effect.fail(lost("no answer in time"))
      })
      const answer = yield* Effect.result(inTime)
      if (answer._tag === "Success") return
      const error = answer.failure
      if (error._tag === "LeaseLost") return yield* error
      if (!isPassing(error)) return yield* lost(error.message)
      reason = error.reason
      yield* Effect.sleep(`${Math.ceil(pauseSeconds * 1000 * (0.5 + (yield* Random.next)))} millis`)
    }
  })
