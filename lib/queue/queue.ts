import { Context, type Effect, type Result } from "effect"
import type { LeaseError, QueueError, SendError } from "./queue-error.ts"

/** A message to send. */
export interface Outgoing {
  /** Text, at most 1 MiB as UTF-8 after escaping; what is not ASCII must be inside a JSON string (it is sent as `\uXXXX`). */
  readonly body: string
  /** Seconds before it can be received, 0–900. Default 0. */
  readonly delaySeconds?: number
}

/** A message received: leased to the receiver until its visibility runs out. Any message may be received more than once. */
export interface Received {
  readonly id: string
  readonly body: string
  /** What changeVisibility and delete name the message by: of this one reception, no other. Opaque; never logged. */
  readonly handle: string
  /** How often it has been received, this time included; approximate, as SQS says, and never below 1. */
  readonly receiveCount: number
  /** When it was sent, in milliseconds since 1970, by the server's clock. */
  readonly sentMillis: number
}

/** What a queue is set to, and roughly what it holds. */
export interface QueueAttributes {
  readonly visibilitySeconds: number
  readonly retentionSeconds: number
  /** Messages that can be received now, approximately; and those in flight; and those still delayed. */
  readonly available: number
  readonly inFlight: number
  readonly delayed: number
  /** Where messages go that were received too often, and after how many receptions. */
  readonly deadLetters: { readonly name: string; readonly maxReceiveCount: number } | undefined
}

/** How to make a queue; standard queues only, for order lives in the messages. */
export interface QueueSettings {
  /** 0–43,200. */
  readonly visibilitySeconds: number
  /** 60–1,209,600. Default 14 days. */
  readonly retentionSeconds?: number
  readonly deadLetters?: { readonly url: string; readonly maxReceiveCount: number }
}

/** The operations on standard queues, each named by its URL. Every implementation keeps the laws of test/laws/queue.ts. */
export interface QueueOperations {
  /** Sends one message; returns its id. A lost response may have sent it twice. */
  readonly send: (url: string, message: Outgoing) => Effect.Effect<string, SendError>
  /**
   * Sends any number of messages, in requests of at most ten messages and 1 MiB; returns one id or error per message, in the order
   * given. Order of reception is anybody's. Fails as a whole only where nothing was sent.
   */
  readonly sendBatch: (
    url: string,
    messages: ReadonlyArray<Outgoing>
  ) => Effect.Effect<ReadonlyArray<Result.Result<string, SendError>>, QueueError>
  /**
   * Receives 0 to `max` (1–10) messages, waiting up to `waitSeconds` (0–20) for the first. They are invisible to others for
   * `visibilitySeconds`, or the queue's own setting.
   *
   * Cannot be interrupted: an aborted long poll takes the next message with it on every server. An interruption waits for its end,
   * and then what it brought is known to nobody until its visibility runs out: see `poll` in poll.ts, which puts it back.
   */
  readonly receive: (
    url: string,
    options: { readonly max: number; readonly waitSeconds: number; readonly visibilitySeconds?: number }
  ) => Effect.Effect<ReadonlyArray<Received>, QueueError>
  /** Makes a message in flight visible to others `seconds` (0–43,200) from now: 0 puts it back at once. */
  readonly changeVisibility: (url: string, handle: string, seconds: number) => Effect.Effect<void, LeaseError>
  /** Deletes a message. Success promises nothing where the lease had run out: some servers say so and keep the message. */
  readonly delete: (url: string, handle: string) => Effect.Effect<void, LeaseError>
  readonly attributes: (url: string) => Effect.Effect<QueueAttributes, QueueError>
  /** The URL of a queue by name. */
  readonly find: (name: string) => Effect.Effect<string, QueueError>
  /** Makes a queue, or finds the one of that name and the same settings; returns its URL. */
  readonly create: (name: string, settings: QueueSettings) => Effect.Effect<string, QueueError>
  /** Deletes a queue with all it holds; AWS may take a minute. */
  readonly remove: (url: string) => Effect.Effect<void, QueueError>
}

/** Queues of messages, as SQS has them: at least once, in any order. Layers: `sqsQueue` (sqs.ts), `localQueue` (local.ts). */
export class Queue extends Context.Service<Queue, QueueOperations>()("semmim/lib/queue/Queue") {}
