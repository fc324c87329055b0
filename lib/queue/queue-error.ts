import { Schema } from "effect"

/** A fault that may pass: throttling, too many messages in flight, a 5xx, a connection reset, a time-out. Try again later. */
export class QueueUnavailable extends Schema.TaggedError<QueueUnavailable>()("QueueUnavailable", {
  queue: Schema.String,
  operation: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.queue}: ${this.operation}: ${this.reason}`
  }
}

/** A request that will never be granted as it stands: access denied, no credentials, a wrong region or setting. */
export class QueueRefused extends Schema.TaggedError<QueueRefused>()("QueueRefused", {
  queue: Schema.String,
  operation: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.queue}: ${this.operation}: ${this.reason}`
  }
}

/** There is no such queue (or no longer). */
export class QueueMissing extends Schema.TaggedError<QueueMissing>()("QueueMissing", { queue: Schema.String }) {
  override get message(): string {
    return `${this.queue}: there is no such queue`
  }
}

/** A message the queue cannot hold: over 1 MiB, empty, or of characters that SQS does not carry. */
export class MessageRefused extends Schema.TaggedError<MessageRefused>()("MessageRefused", {
  queue: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.queue}: message refused: ${this.reason}`
  }
}

/** A message is no longer ours: its visibility ran out and it was handed to someone else, or it was deleted. Stop its job. */
export class LeaseLost extends Schema.TaggedError<LeaseLost>()("LeaseLost", {
  queue: Schema.String,
  operation: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.queue}: ${this.operation}: the lease is lost: ${this.reason}`
  }
}

/** What every operation on a queue may fail with. */
export type QueueError = QueueUnavailable | QueueRefused | QueueMissing

/** What an operation on a message in flight may fail with. */
export type LeaseError = QueueError | LeaseLost

/** What sending may fail with. */
export type SendError = QueueError | MessageRefused
