import { Clock, Effect, Random } from "effect"
import { type LeaseError, LeaseLost, type QueueUnavailable } from "./queue-error.ts"

/** Options of retrying an operation on a message in flight. */
export interface RetryOptions {
  readonly queue: string
  readonly operation: string
  /**
   * Monotonic clock, in nanoseconds, after which success would have no effect: an attempt still in progress then is abandoned.
   */
  readonly deadlineNanos: bigint
  /** Mean of the pauses between attempts, in seconds; each is drawn from half of it to one and a half. */
  readonly pauseSeconds: number
}

const isPassing = (error: LeaseError): error is QueueUnavailable => error._tag === "QueueUnavailable"

/** Retries an operation on a message while its failure is transient and there is time; any other failure is a lost lease. */
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
