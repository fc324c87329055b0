import { Effect, Result } from "effect"
import { Queue } from "../queue/queue.ts"
import { classOf, type Job, type ResourceClass } from "./job.ts"
import { messageFor, type Origin } from "./payload.ts"

/** Queue of each class; one queue may serve both. Taken from a worker's or a submitter's own settings, never from a message. */
export type QueueUrls = { readonly [C in ResourceClass]: string }

/** Sends jobs to the queues of their classes, to be received after `delaySeconds` (0–900) at the earliest. */
export const sendJobs = Effect.fn("job.sendJobs")(function* (
  urls: QueueUrls,
  origin: Origin,
  jobs: readonly Job[],
  delaySeconds = 0
) {
  const queue = yield* Queue
  for (const resource of ["host", "gpu"] as const) {
    const own = jobs.filter((job) => classOf[job.kind] === resource)
    for (let at = 0; at < own.length; at += 1000) {
      const bodies = yield* Effect.forEach(own.slice(at, at + 1000), (job) => messageFor(origin, job))
      const sent = yield* queue.sendBatch(
        urls[resource],
        bodies.map((body) => ({ body, delaySeconds }))
      )
      for (const result of sent) if (Result.isFailure(result)) return yield* Effect.fail(result.failure)
    }
  }
})
