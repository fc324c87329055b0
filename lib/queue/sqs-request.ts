import { Effect } from "effect"
import { queueName } from "./message-body.ts"
import { QueueUnavailable } from "./queue-error.ts"

/** Time limit of a request that does not poll, its retries included. */
const answerSeconds = 20

/** Makes a short request, aborted at the time limit and by interruption. */
export const request = <A, E>(
  url: string,
  operation: string,
  ask: (abort: AbortSignal) => Promise<A>,
  failure: (error: unknown) => E
): Effect.Effect<A, E | QueueUnavailable> =>
  Effect.tryPromise({ try: ask, catch: failure }).pipe(
    Effect.timeoutOrElse({
      duration: `${answerSeconds} seconds`,
      orElse: () =>
        Effect.fail(new QueueUnavailable({ queue: queueName(url), operation, reason: `no answer in ${answerSeconds} s` }))
    })
  )
