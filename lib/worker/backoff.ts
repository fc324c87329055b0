import { Effect, Random } from "effect"

/**
 * Returns the whole seconds before the next attempt: doubling from `first` with each attempt (from 1), at most `most`, times a
 * jitter of ½ to 1½, so that jobs that failed together are not retried together.
 */
export const backoffSeconds = (attempt: number, first: number, most: number): Effect.Effect<number> =>
  Effect.map(Random.next, (jitter) =>
    Math.max(1, Math.round(Math.min(most, first * 2 ** Math.min(30, attempt - 1)) * (0.5 + jitter)))
  )
