import { Context, type Effect, type Result } from "effect"
import type { LeaseError, QueueError, SendError } from "./queue-error.ts"

/** A message to send. */
export interface Outgoing {
  /**
   * Text, at most 1 MiB as UTF-8 after escaping; characters beyond ASCII must be inside a JSON string (they are sent as
   * `\uXXXX`).
   */
  readonly body: string
  /** Seconds before it can be received, 0–900. Default 0. */
  readonly delaySeconds?: number
}

/** A received message: leased to the receiver until its visibility expires. Any message may be received more than once. */
export interface Received {
  readonly id: string
  readonly body: string
  /** Id of this reception of the message, for changeVisibility and delete. Opaque; never logged. */
  readonly handle: string
  /** Number of receptions so far, including this one; approximate, as in SQS, and never below 1. */
  readonly receiveCount: number
  /** Time of sending, in milliseconds since 1970, by the server's clock. */
  readonly sentMillis: number
}

/** Settings of a queue, and its approximate numbers of messages. */
export interface QueueAttributes {
  readonly visibilitySeconds: number
  readonly retentionSeconds: number
  /** Approximate numbers of messages that can be received now, that are in flight, and that are still delayed. */
  readonly available: number
  readonly inFlight: number
  readonly delayed: number
  /** Dead-letter queue for messages that were received too often, and the number of receptions. */
  readonly deadLetters: { readonly name: string; readonly maxReceiveCount: number } | undefined
}

/** Settings of a new queue; standard queues only, since order is part of the messages. */
export interface QueueSettings {
  /** 0–43,200. */
  readonly visibilitySeconds: number
  /** 60–1,209,600. Default 14 days. */
  readonly retentionSeconds?: number
  readonly deadLetters?: { readonly url: string; readonly maxReceiveCount: number }
}

/** Operations on standard queues, each named by its URL. Every implementation passes the suite test/laws/queue.ts. */
export interface QueueOperations {
  /** Sends one message; returns its id. A lost response may have sent it twice. */
  readonly send: (url: string, message: Outgoing) => Effect.Effect<string, SendError>
  /**
   * Sends any number of messages, in requests of at most ten messages and 1 MiB; returns one id or error per message, in the
   * order given. The order of reception is undefined. Fails as a whole only where nothing was sent.
   */
  readonly sendBatch: (
    url: string,
    messages: ReadonlyArray<Outgoing>
  ) => Effect.Effect<ReadonlyArray<Result.Result<string, SendError>>, QueueError>
  /**
   * Receives 0 to `max` (1–10) messages, waiting up to `waitSeconds` (0–20) for the first. They are invisible to others for
   * `visibilitySeconds`, or the queue's own setting.
   * Cannot be interrupted: an aborted long poll takes the next message with it on every server. An interruption waits for its
   * end, and the messages received are then lost until their visibility expires: see `poll` in poll.ts, which puts them back.
   */
  readonly receive: (
    url: string,
    options: { readonly max: number; readonly waitSeconds: number; readonly visibilitySeconds?: number }
  ) => Effect.Effect<ReadonlyArray<Received>, QueueError>
  /** Makes a message in flight visible to others `seconds` (0–43,200) from now: 0 puts it back immediately. */
  readonly changeVisibility: (url: string, handle: string, seconds: number) => Effect.Effect<void, LeaseError>
  /** Deletes a message. Success guarantees nothing where the lease had expired: some servers report it and keep the message. */
  readonly delete: (url: string, handle: string) => Effect.Effect<void, LeaseError>
  readonly attributes: (url: string) => Effect.Effect<QueueAttributes, QueueError>
  /** Returns the URL of a queue by name. */
  readonly find: (name: string) => Effect.Effect<string, QueueError>
  /** Creates a queue, or finds the one of that name and the same settings; returns its URL. */
  readonly create: (name: string, settings: QueueSettings) => Effect.Effect<string, QueueError>
  /** Deletes a queue with all its messages; AWS may take a minute. */
  readonly remove: (url: string) => Effect.Effect<void, QueueError>
}

/** Message queues with SQS's guarantees: at least once, in any order. Layers: `sqsQueue` (sqs.ts), `localQueue` (local.ts). */
export class Queue extends Context.Service<Queue, QueueOperations>()("semmim/lib/queue/Queue") {}
