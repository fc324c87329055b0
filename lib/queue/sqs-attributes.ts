import { GetQueueAttributesCommand, type QueueAttributeName, type SQSClient } from "@aws-sdk/client-sqs"
import type { QueueAttributes, QueueSettings } from "./queue.ts"

type Attributes = { readonly [name in QueueAttributeName]?: string }

const asked: QueueAttributeName[] = [
  "VisibilityTimeout",
  "MessageRetentionPeriod",
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
  "RedrivePolicy"
]

/** Parses a redrive policy in SQS's form; undefined where it cannot be read. */
const deadLetters = (policy: string | undefined): QueueAttributes["deadLetters"] => {
  if (policy === undefined || policy === "") return undefined
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy)
  if (typeof deadLetterTargetArn !== "string") return undefined
  return { name: deadLetterTargetArn.slice(deadLetterTargetArn.lastIndexOf(":") + 1), maxReceiveCount: Number(maxReceiveCount) }
}

/** Fetches a queue's attributes. */
export const attributesOf =
  (client: SQSClient, url: string) =>
  async (abortSignal: AbortSignal): Promise<QueueAttributes> => {
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: asked })
    const { Attributes: found = {} as Attributes } = await client.send(command, { abortSignal })
    return {
      visibilitySeconds: Number(found.VisibilityTimeout ?? 30),
      retentionSeconds: Number(found.MessageRetentionPeriod ?? 345_600),
      available: Number(found.ApproximateNumberOfMessages ?? 0),
      inFlight: Number(found.ApproximateNumberOfMessagesNotVisible ?? 0),
      delayed: Number(found.ApproximateNumberOfMessagesDelayed ?? 0),
      deadLetters: deadLetters(found.RedrivePolicy)
    }
  }

/** Converts settings to SQS's form; the dead-letter queue is identified by its ARN, which is fetched. */
export const settingsOf = async (
  client: SQSClient,
  { visibilitySeconds, retentionSeconds = 1_209_600, deadLetters }: QueueSettings,
  abortSignal: AbortSignal
): Promise<Record<string, string>> => {
  const made = { VisibilityTimeout: String(visibilitySeconds), MessageRetentionPeriod: String(retentionSeconds) }
  if (deadLetters === undefined) return made
  const command = new GetQueueAttributesCommand({ QueueUrl: deadLetters.url, AttributeNames: ["QueueArn"] })
  const { Attributes = {} } = await client.send(command, { abortSignal })
  const policy = { deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount: deadLetters.maxReceiveCount }
  return { ...made, RedrivePolicy: JSON.stringify(policy) }
}
