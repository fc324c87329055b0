import { Effect } from "effect"
import { letterBody, queueName } from "../queue/message-body.ts"
import { Queue } from "../queue/queue.ts"

/**
 * Sends a message that was given up to a dead-letter queue, as it was received where possible. A message that no queue can carry
 * is dropped: the reason is in the store, and a message put back instead would be received again and again.
 */
export const bury = Effect.fn("worker.bury")(function* (deadLetters: string, body: string) {
  const queue = yield* Queue
  const letter = letterBody(body)
  if (letter === undefined)
    yield* Effect.logWarning(`${queueName(deadLetters)}: a message of ${body.length} characters is too long for a dead letter`)
  else yield* queue.send(deadLetters, { body: letter })
})
