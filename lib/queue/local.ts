import { type Config, Effect, Layer } from "effect"
import { type LocalServerFailed, localQueueServer } from "./local-server.ts"
import type { Queue } from "./queue.ts"
import { sqsQueue } from "./sqs.ts"

/**
 * Queues in the memory of this process, behind a server on 127.0.0.1 that other processes on this machine may use too: for
 * `--local`.
 */
export const localQueue = (port = 0): Layer.Layer<Queue, LocalServerFailed | Config.ConfigError> =>
  Layer.unwrap(Effect.map(localQueueServer(port), (endpoint) => sqsQueue({ endpoint, local: true })))
