import { Effect, type Layer, ManagedRuntime, Schema } from "effect"
import { Queue } from "../queue/queue.ts"
import type { SendError } from "../queue/queue-error.ts"
import { bury } from "./bury.ts"
import type { JobServices } from "./handler.ts"
import { type Processing, processMessage } from "./process-message.ts"

/** Event that SQS passes to a Lambda function. */
const Event = Schema.Struct({
  Records: Schema.Array(
    Schema.Struct({
      messageId: Schema.String,
      body: Schema.String,
      eventSourceARN: Schema.String,
      attributes: Schema.Struct({ ApproximateReceiveCount: Schema.String, SentTimestamp: Schema.String })
    })
  )
})

/** Messages to be received again: the response that `ReportBatchItemFailures` requires. */
export interface BatchResponse {
  readonly batchItemFailures: ReadonlyArray<{ readonly itemIdentifier: string }>
}

/** Options of a function's event handling. */
export interface LambdaOptions<E> {
  /** Parts of the protocol; created once per process. */
  readonly processing: Effect.Effect<Processing, E, JobServices>
  /** Queue, store, and file system for temporary files of jobs. */
  readonly services: Layer.Layer<JobServices, E>
  /** URL of the queue that the events come from, to which messages that wait are sent again. */
  readonly url: string
  /** Queue of messages that were given up; without it the queue's own redrive policy moves them later. */
  readonly deadLetters?: string
  /** Number of concurrent jobs of one event. */
  readonly concurrency?: number
}

const whole = (text: string, least: number): number => {
  const value = Number(text)
  return Number.isFinite(value) && value >= least ? value : least
}

/**
 * A Lambda handler for an SQS queue of host jobs, with the protocol of a worker. Messages that are done, given up or sent again
 * are not named in the response, so that Lambda deletes them; the others are received again when their visibility timeout ends.
 * It never throws for a job.
 */
export const lambdaHandler = <E>(options: LambdaOptions<E>) => {
  const runtime = ManagedRuntime.make(options.services)
  let known: Promise<Processing> | undefined
  const processingOf = () => {
    known ??= runtime.runPromise(options.processing)
    known.catch(() => {
      known = undefined
    })
    return known
  }
  const handler = async (event: unknown): Promise<BatchResponse> => {
    const { Records } = Schema.decodeUnknownSync(Event)(event)
    const processing = await processingOf()
    const one = Effect.fnUntraced(function* ({ messageId, body, attributes }: (typeof Records)[number]) {
      const queue = yield* Queue
      const delivery = yield* processMessage(
        {
          body,
          sentMillis: whole(attributes.SentTimestamp, 0),
          receiveCount: whole(attributes.ApproximateReceiveCount, 1)
        },
        processing
      )
      if (delivery._tag === "Retry") return [{ itemIdentifier: messageId }]
      const kept = Effect.as(Effect.succeed(undefined), [{ itemIdentifier: messageId }])
      const passed = (sent: Effect.Effect<unknown, SendError, Queue>) =>
        sent.pipe(
          Effect.as([]),
          Effect.catch((error) => Effect.andThen(Effect.logError(error.message), kept))
        )
      const delaySeconds = delivery._tag === "Again" ? Math.max(0, Math.min(900, Math.round(delivery.seconds))) : 0
      if (delivery._tag === "Again") return yield* passed(queue.send(options.url, { body, delaySeconds }))
      if (delivery._tag === "Dead" && options.deadLetters !== undefined) return yield* passed(bury(options.deadLetters, body))
      return []
    })
    const failures = await runtime.runPromise(Effect.forEach(Records, one, { concurrency: options.concurrency ?? 2 }))
    return { batchItemFailures: failures.flat() }
  }
  return { handler, close: () => runtime.dispose() }
}
