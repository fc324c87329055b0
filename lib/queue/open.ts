import { type Config, Effect, Layer } from "effect"
import type { Queue } from "./queue.ts"
import type { SqsOptions } from "./sqs-client.ts"

/** Queues of SQS, or of the server that the options or AWS_ENDPOINT_URL_SQS name; the SDK is loaded on first use. */
export const openQueue = (options: SqsOptions = {}): Layer.Layer<Queue, Config.ConfigError> =>
  Layer.unwrap(
    Effect.map(
      Effect.promise(() => import("./sqs.ts")),
      ({ sqsQueue }) => sqsQueue(options)
    )
  )
