import { Schema } from "effect"

/** A transient failure: throttling, too many messages in flight, a 5xx, a connection reset, a time-out. Retry later. */
export class QueueUnavailable extends Schema.TaggedError<QueueUnavailable>()("QueueUnavailable", {
  queue: Schema.String,
  operation: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.queue}: ${this.operation}: ${this.reason}`
  }
}

/** A request that cannot succeed on any retry: access denied, no credentials, a wrong region or setting. */
export class QueueRefused extends Schema.TaggedError<QueueRefused>()("QueueRefused", {
  queue: Schema.String,
  operation: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.queue}: ${this.operation}: ${this.reason}`
  }
}

/** A queue that does not exist (or no longer). */
export class QueueMissing extends Schema.TaggedError<QueueMissing>()("QueueMissing", { queue: Schema.String }) {
  override get message(): string {
    return `${this.queue}: there is no such queue`
  }
}

/** A message that the queue cannot hold: over 1 MiB, empty, or with characters that SQS does not accept. */
export class MessageRefused extends Schema.TaggedError<MessageRefused>()("MessageRefused", {
  queue: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.queue}: message refused: ${this.reason}`
  }
}

/**
 * A message that is no longer ours: its visibility expired and another consumer received it, or it was deleted. Its job must
 * stop.
 */
export class LeaseLost extends Schema.TaggedError<LeaseLost>()("LeaseLost", {
  queue: Schema.String,
  operation: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.queue}: ${this.operation}: the lease is lost: ${this.reason}`
  }
}

/** Errors of every operation on a queue. */
export type QueueError = QueueUnavailable | QueueRefused | QueueMissing

/** Errors of an operation on a message in flight. */
export type LeaseError = QueueError | LeaseLost

/** Errors of sending. */
export type SendError = QueueError | MessageRefused
