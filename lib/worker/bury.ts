import { Effect } from "effect"
import { letterBody, queueName } from "../queue/message-body.ts"
import { Queue } from "../queue/queue.ts"

/**
 * Sends a message that was given up to a queue of dead letters, as it was received where it can be sent so. One that no queue can
 * carry is let go: why it was given up is in the store, and a message that is put back instead would be received again and again.
 */
export const bury = Effect.fn("worker.bury")(function* (deadLetters: string, body: string) {
  const queue = yield* Queue
  const letter = letterBody(body)
  if (letter === undefined)
    yield* Effect.logWarning(`${queueName(deadLetters)}: a message of ${body.length} characters is too long for a dead letter`)
  else yield* queue.send(deadLetters, { body: letter })
})
