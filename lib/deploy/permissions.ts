import { attribute, type Statement, text } from "./cloudformation.ts"

/** Reading and conditional writing of everything under the prefix, the store's start-up probe included; nothing is deleted. */
export const useStore = (prefix: string): readonly Statement[] => [
  {
    Effect: "Allow",
    Action: ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"],
    Resource: text(`{Bucket.Arn}/${prefix}/*`)
  },
  // Also what makes S3 answer 404 instead of 403 for a key that is not there: it takes the key for s3:prefix then.
  {
    Effect: "Allow",
    Action: ["s3:ListBucket"],
    Resource: attribute("Bucket", "Arn"),
    Condition: { StringLike: { "s3:prefix": `${prefix}/*` } }
  }
]

/** Forgetting failures, when what failed is tried again. */
export const deleteFromStore = (prefix: string): Statement => ({
  Effect: "Allow",
  Action: ["s3:DeleteObject"],
  Resource: text(`{Bucket.Arn}/${prefix}/*`)
})

/** All of AWS's actions of this name are one; other servers tell batches apart. */
const send = "sqs:SendMessage*"
const remove = "sqs:DeleteMessage*"

/** Taking messages from a queue under a lease, and putting those that wait behind the others. */
export const takeFrom = (queue: string): Statement => ({
  Effect: "Allow",
  Action: ["sqs:ReceiveMessage", remove, "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes", send],
  Resource: attribute(queue, "Arn")
})

/** Sending messages to queues, and finding them. */
export const sendTo = (...queues: readonly string[]): Statement => ({
  Effect: "Allow",
  Action: [send, "sqs:GetQueueUrl"],
  Resource: queues.map((queue) => attribute(queue, "Arn"))
})

/** Writing to one log group. */
export const logTo = (group: string): Statement => ({
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: attribute(group, "Arn")
})

/** Sending jobs and asking how many wait; and taking back, from dead letters, what is sent again. */
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
