import { attribute, type Statement, text } from "./cloudformation.ts"

/**
 * Permission to read and conditionally write everything under the prefix, including the store's start-up probe; not to delete.
 */
export const useStore = (prefix: string): readonly Statement[] => [
  {
    Effect: "Allow",
    Action: ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"],
    Resource: text(`{Bucket.Arn}/${prefix}/*`)
  },
  // Also makes S3 answer 404 instead of 403 for a key that does not exist: it takes the key for s3:prefix then.
  {
    Effect: "Allow",
    Action: ["s3:ListBucket"],
    Resource: attribute("Bucket", "Arn"),
    Condition: { StringLike: { "s3:prefix": `${prefix}/*` } }
  }
]

/** Permission to delete records of failures, when the failed jobs are retried. */
export const deleteFromStore = (prefix: string): Statement => ({
  Effect: "Allow",
  Action: ["s3:DeleteObject"],
  Resource: text(`{Bucket.Arn}/${prefix}/*`)
})

/** AWS has one action for all variants of this name; other servers distinguish batches. */
const send = "sqs:SendMessage*"
const remove = "sqs:DeleteMessage*"

/** Permission to receive messages from a queue under a lease, and to send waiting ones to its end. */
export const takeFrom = (queue: string): Statement => ({
  Effect: "Allow",
  Action: ["sqs:ReceiveMessage", remove, "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes", send],
  Resource: attribute(queue, "Arn")
})

/** Permission to find queues and send messages to them. */
export const sendTo = (...queues: readonly string[]): Statement => ({
  Effect: "Allow",
  Action: [send, "sqs:GetQueueUrl"],
  Resource: queues.map((queue) => attribute(queue, "Arn"))
})

/** Permission to write to one log group. */
export const logTo = (group: string): Statement => ({
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: attribute(group, "Arn")
})

/** Permission to send jobs and count waiting ones; and to receive, from dead letters, those that are sent again. */
export const submitTo = (queues: readonly string[], deadLetters: readonly string[]): readonly Statement[] => [
  {
    Effect: "Allow",
    Action: [send, "sqs:GetQueueAttributes"],
    Resource: queues.map((queue) => attribute(queue, "Arn"))
  },
  {
    Effect: "Allow",
    Action: ["sqs:GetQueueUrl", "sqs:ReceiveMessage", remove, "sqs:ChangeMessageVisibility"],
    Resource: deadLetters.map((queue) => attribute(queue, "Arn"))
  }
]
