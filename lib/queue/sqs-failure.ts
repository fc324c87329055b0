import type { BatchResultErrorEntry } from "@aws-sdk/client-sqs"
import { awsFailure } from "../aws/failure.ts"
import { queueName } from "./message-body.ts"
import { LeaseLost, MessageRefused, type QueueError, QueueMissing, QueueRefused, QueueUnavailable } from "./queue-error.ts"

const missing = new Set([
  "QueueDoesNotExist",
  "AWS.SimpleQueueService.NonExistentQueue",
  "NonExistentQueue",
  "QueueDeletedRecently"
])
const refusedMessage = new Set(["InvalidMessageContents", "BatchRequestTooLong", "MessageTooLong"])

// AWS says InvalidParameterValue for an expired handle and for an extension beyond 12 hours in all.
const lost = new Set([
  "ReceiptHandleIsInvalid",
  "MessageNotInflight",
  "InvalidParameterValue",
  "InvalidParameterValueException",
  "AWS.SimpleQueueService.MessageNotInflight",
  "InvalidReceiptHandle"
])

/**
 * Converts a failed entry of a batch to the error that the client throws for a single request; a server's fault becomes a 500.
 */
export const entryError = ({ Code, Message, SenderFault }: BatchResultErrorEntry): Error =>
  Object.assign(new Error(Message ?? ""), {
    name: Code ?? "Error",
    $metadata: { httpStatusCode: SenderFault === false ? 500 : 400 }
  })

/** Error for an entry of a batch that the answer omits: its result is unknown. */
export const unnamedEntry = (url: string, operation: string): QueueUnavailable =>
  new QueueUnavailable({ queue: queueName(url), operation, reason: "the answer does not name the message" })

/** Converts an error of the SQS client to the error of an operation on a queue. */
export const queueFailure =
  (url: string, operation: string) =>
  (error: unknown): QueueError => {
    const queue = queueName(url)
    const { kind, code, reason } = awsFailure(error)
    const name = error instanceof Error ? error.name : code
    if (missing.has(name) || missing.has(code)) return new QueueMissing({ queue })
    return kind === "transient"
      ? new QueueUnavailable({ queue, operation, reason })
      : new QueueRefused({ queue, operation, reason })
  }

/** Converts like `queueFailure`, for an operation on a message in flight: an invalid handle is a lost lease. */
export const leaseFailure =
  (url: string, operation: string) =>
  (error: unknown): QueueError | LeaseLost => {
    const name = error instanceof Error ? error.name : ""
    if (lost.has(name)) return new LeaseLost({ queue: queueName(url), operation, reason: name })
    return queueFailure(url, operation)(error)
  }

/** Converts like `queueFailure`, for a message to send. */
export const sendFailure =
  (url: string, operation: string) =>
  (error: unknown): QueueError | MessageRefused => {
    const { code, reason } = awsFailure(error)
    const name = error instanceof Error ? error.name : code
    if (refusedMessage.has(name)) return new MessageRefused({ queue: queueName(url), reason })
    return queueFailure(url, operation)(error)
  }
