import { DeleteMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs"
import { Effect, Result } from "effect"
import { gather } from "./gather.ts"
import type { LeaseError } from "./queue-error.ts"
import { entryError, leaseFailure, unnamedEntry } from "./sqs-failure.ts"
import { request } from "./sqs-request.ts"

/** SQS accepts ten in a request. */
const most = 10
/**
 * Milliseconds that the first delete waits for others. A worker's small jobs end some milliseconds apart, and a delete can wait:
 * their output is committed.
 */
const millis = 40

/** Deletes messages of a queue, combining simultaneous requests into one. */
const deleteOf = (client: SQSClient, url: string) => {
  const failure = leaseFailure(url, "delete")
  return gather<string, LeaseError>(
    most,
    millis,
    Effect.fn("Queue.deleteBatch")(function* (handles: readonly string[]) {
      const Entries = handles.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle }))
      const command = new DeleteMessageBatchCommand({ QueueUrl: url, Entries })
      const { Successful = [], Failed = [] } = yield* request(
        url,
        "delete",
        (abortSignal) => client.send(command, { abortSignal }),
        failure
      )
      const results: Result.Result<void, LeaseError>[] = handles.map(() => Result.fail(unnamedEntry(url, "delete")))
      for (const { Id } of Successful) results[Number(Id)] = Result.succeed(undefined)
      for (const entry of Failed) results[Number(entry.Id)] = Result.fail(failure(entryError(entry)))
      return results
    })
  )
}

/** Deletes messages of any queue. */
export const deletes = (client: SQSClient): ((url: string, handle: string) => Effect.Effect<void, LeaseError>) => {
  const queues = new Map<string, (handle: string) => Effect.Effect<void, LeaseError>>()
  return (url, handle) => {
    const known = queues.get(url) ?? deleteOf(client, url)
    queues.set(url, known)
    return known(handle)
  }
}
