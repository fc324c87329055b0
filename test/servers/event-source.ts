import { Clock, Effect } from "effect"
import { Queue } from "../../lib/queue/queue.ts"
import type { BatchResponse } from "../../lib/worker/lambda.ts"

/** Calls a function with an event of SQS; rejects where the function threw, ran out of time or was killed. */
export type Invoke = (event: { readonly Records: readonly unknown[] }) => Promise<BatchResponse>

/**
 * Plays Lambda's event source mapping of a queue, with ReportBatchItemFailures, until no message is left in the queue: up to ten
 * messages an event; after an answer those that it does not name are deleted, after an error none is. What is not deleted comes back
 * when its visibility of `visibilitySeconds` is over. Gives how many invocations there were, and how many of them failed.
 */
export const mapEvents = Effect.fnUntraced(function* (url: string, invoke: Invoke, visibilitySeconds: number) {
  const queue = yield* Queue
  let [invocations, failed] = [0, 0]
  while (true) {
    const { available, inFlight, delayed } = yield* queue.attributes(url)
    if (available + inFlight + delayed === 0) return { invocations, failed }
    const messages = yield* queue.receive(url, { max: 10, waitSeconds: 1, visibilitySeconds })
    if (messages.length === 0) continue
    const now = String(yield* Clock.currentTimeMillis)
    const Records = messages.map(({ id, body, handle, receiveCount, sentMillis }) => ({
      messageId: id,
      receiptHandle: handle,
      body,
      attributes: {
        ApproximateReceiveCount: String(receiveCount),
        SentTimestamp: String(sentMillis),
        SenderId: "somebody",
        ApproximateFirstReceiveTimestamp: now
      },
      messageAttributes: {},
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:host",
      awsRegion: "us-east-1"
    }))
    invocations++
    const answer = yield* Effect.tryPromise(() => invoke({ Records })).pipe(Effect.catch(() => Effect.succeed(undefined)))
    if (answer === undefined) failed++
    const named = new Set(answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
    for (const { id, handle } of answer === undefined ? [] : messages)
      if (!named.has(id)) yield* Effect.ignore(queue.delete(url, handle))
  }
})
