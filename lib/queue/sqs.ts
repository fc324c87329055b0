import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient
} from "@aws-sdk/client-sqs"
import { type Config, Effect, Layer, Result } from "effect"
import { batches } from "./batches.ts"
import { messageBody, queueName } from "./message-body.ts"
import { Queue, type QueueOperations, type Received } from "./queue.ts"
import { MessageRefused, type SendError } from "./queue-error.ts"
import { attributesOf, settingsOf } from "./sqs-attributes.ts"
import { type SqsOptions, sqsClient } from "./sqs-client.ts"
import { deletes } from "./sqs-delete.ts"
import { entryError, leaseFailure, queueFailure, sendFailure, unnamedEntry } from "./sqs-failure.ts"
import { request } from "./sqs-request.ts"

const refused = (url: string, reason: string) => new MessageRefused({ queue: queueName(url), reason })

const inSeconds = (name: string, value: number, most: number): number => {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value
  throw new RangeError(`${name}: expected a whole number of seconds, 0 to ${most}, got ${value}`)
}

const sendBatch = (client: SQSClient): QueueOperations["sendBatch"] =>
  Effect.fn("Queue.sendBatch")(function* (url, messages) {
    const results: Result.Result<string, SendError>[] = []
    const sendable: { readonly index: number; readonly body: string; readonly delaySeconds: number }[] = []
    for (const [index, { body, delaySeconds }] of messages.entries()) {
      const text = messageBody(body)
      if (Result.isFailure(text)) results[index] = Result.fail(refused(url, text.failure))
      else sendable.push({ index, body: text.success, delaySeconds: inSeconds("delay", delaySeconds ?? 0, 900) })
    }
    for (const [nth, batch] of batches(sendable).entries()) {
      const entries = batch.map(({ index, body, delaySeconds }) => ({
        Id: String(index),
        MessageBody: body,
        ...(delaySeconds === 0 ? {} : { DelaySeconds: delaySeconds })
      }))
      const command = new SendMessageBatchCommand({ QueueUrl: url, Entries: entries })
      const asked = request(url, "send", (abortSignal) => client.send(command, { abortSignal }), queueFailure(url, "send"))
      const answer = yield* Effect.result(asked)
      if (Result.isFailure(answer)) {
        if (nth === 0) return yield* answer.failure
        for (const { index } of batch) results[index] = Result.fail(answer.failure)
        continue
      }
      for (const { Id, MessageId } of answer.success.Successful ?? []) results[Number(Id)] = Result.succeed(MessageId ?? "")
      for (const entry of answer.success.Failed ?? [])
        results[Number(entry.Id)] = Result.fail(sendFailure(url, "send")(entryError(entry)))
    }
    return messages.map((_, index) => results[index] ?? Result.fail(unnamedEntry(url, "send")))
  })

const operations = (client: SQSClient): QueueOperations => ({
  send: Effect.fn("Queue.send")(function* (url, message) {
    const text = messageBody(message.body)
    if (Result.isFailure(text)) return yield* refused(url, text.failure)
    const DelaySeconds = inSeconds("delay", message.delaySeconds ?? 0, 900)
    const command = new SendMessageCommand({
      QueueUrl: url,
      MessageBody: text.success,
      ...(DelaySeconds === 0 ? {} : { DelaySeconds })
    })
    const { MessageId } = yield* request(
      url,
      "send",
      (abortSignal) => client.send(command, { abortSignal }),
      sendFailure(url, "send")
    )
    return MessageId ?? ""
  }),
  sendBatch: sendBatch(client),
  receive: Effect.fn("Queue.receive")(function* (url, { max, waitSeconds, visibilitySeconds }) {
    const command = new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: max,
      WaitTimeSeconds: inSeconds("wait", waitSeconds, 20),
      ...(visibilitySeconds === undefined ? {} : { VisibilityTimeout: inSeconds("visibility", visibilitySeconds, 43_200) }),
      MessageSystemAttributeNames: ["ApproximateReceiveCount", "SentTimestamp"]
    })
    // Without a signal: only the socket's own time-out ends a poll.
    const { Messages = [] } = yield* Effect.uninterruptible(
      Effect.tryPromise({ try: () => client.send(command), catch: queueFailure(url, "receive") })
    )
    return Messages.map(
      ({ MessageId = "", Body = "", ReceiptHandle = "", Attributes = {} }): Received => ({
        id: MessageId,
        body: Body,
        handle: ReceiptHandle,
        receiveCount: Math.max(1, Number(Attributes.ApproximateReceiveCount ?? 1)),
        sentMillis: Number(Attributes.SentTimestamp ?? 0)
      })
    )
  }),
  changeVisibility: Effect.fn("Queue.changeVisibility")(function* (url, handle, seconds) {
    const command = new ChangeMessageVisibilityCommand({
      QueueUrl: url,
      ReceiptHandle: handle,
      VisibilityTimeout: inSeconds("visibility", seconds, 43_200)
    })
    const ask = (abortSignal: AbortSignal) => client.send(command, { abortSignal })
    yield* request(url, "changeVisibility", ask, leaseFailure(url, "changeVisibility"))
  }),
  delete: deletes(client),
  attributes: Effect.fn("Queue.attributes")((url) =>
    request(url, "attributes", attributesOf(client, url), queueFailure(url, "attributes"))
  ),
  find: Effect.fn("Queue.find")(function* (name) {
    const command = new GetQueueUrlCommand({ QueueName: name })
    const ask = (abortSignal: AbortSignal) => client.send(command, { abortSignal })
    const { QueueUrl } = yield* request(name, "find", ask, queueFailure(name, "find"))
    return QueueUrl ?? ""
  }),
  create: Effect.fn("Queue.create")(function* (name, settings) {
    const make = async (abortSignal: AbortSignal) => {
      const Attributes = await settingsOf(client, settings, abortSignal)
      return client.send(new CreateQueueCommand({ QueueName: name, Attributes }), { abortSignal })
    }
    const { QueueUrl } = yield* request(name, "create", make, queueFailure(name, "create"))
    return QueueUrl ?? ""
  }),
  remove: Effect.fn("Queue.remove")(function* (url) {
    const command = new DeleteQueueCommand({ QueueUrl: url })
    const ask = (abortSignal: AbortSignal) => client.send(command, { abortSignal })
    yield* request(url, "remove", ask, queueFailure(url, "remove"))
  })
})

/** Queues of SQS, or of any server that speaks its protocol. */
export const sqsQueue = (options: SqsOptions = {}): Layer.Layer<Queue, Config.ConfigError> =>
  Layer.effect(
    Queue,
    Effect.map(sqsClient(options), (client) => Queue.of(operations(client)))
  )
