import { NodeServices } from "@effect/platform-node"
import { Deferred, Effect, Layer, Logger } from "effect"
import { statusOf } from "../../lib/job/status.ts"
import { type SubmitInputs, submit } from "../../lib/job/submit.ts"
import { type RoundSettings, roundSettings } from "../../lib/pipeline/rounds-settings.ts"
import type { JobHandlers } from "../../lib/worker/handler.ts"
import { jobHandlers } from "../../lib/worker/handlers/handlers.ts"
import { work } from "../../lib/worker/worker.ts"
import { blobFaults } from "../faults/blob-faults.ts"
import { memoryQueue } from "../faults/memory-queue.ts"
import { queueFaults } from "../faults/queue-faults.ts"
import { seed } from "../seed.ts"
import { toyConfig, toyProcessing, toyQueues, toySubmission } from "./jobs.ts"
import { type Held, memoryStore } from "./memory-store.ts"

/** A world where the toy pipeline is trained in rounds, with workers that come and go. */
export const world = Effect.fnUntraced(function* (
  rounds: Partial<RoundSettings>,
  alter: (handlers: JobHandlers) => JobHandlers = (handlers) => handlers,
  more: Partial<SubmitInputs> = {}
) {
  const { urls, dead } = yield* toyQueues(5)
  const submission = yield* submit(
    toySubmission({ rounds: roundSettings({ replicas: 2, localSteps: 5, ...rounds }), ...more }),
    urls
  )
  const startWorker = Effect.fnUntraced(function* () {
    const own = yield* jobHandlers(toyConfig(urls))
    const evaluate = { ...own.evaluate, run: () => Effect.succeed({ files: {}, result: null }) }
    const handlers = alter({ ...own, evaluate })
    const stop = yield* Deferred.make<void>()
    const pools = [
      { url: urls.host, concurrency: 1, buffer: 1 },
      { url: urls.gpu, concurrency: 1, buffer: 0 }
    ]
    const working = yield* work({
      pools,
      processing: toyProcessing(handlers),
      stop,
      drainSeconds: 5,
      visibilitySeconds: 5,
      pollSeconds: 0
    })
    return { stop, fiber: yield* Effect.forkScoped(working.ended) }
  })
  const settled = Effect.gen(function* () {
    while (true) {
      const status = yield* Effect.retry(statusOf(submission.name), { times: 50 })
      if (status.state !== "running") return status
      yield* Effect.sleep("30 millis")
    }
  })
  return { submission, urls, dead, startWorker, settled }
})

const quiet = Logger.layer([])
export const within = (held: Held) => Layer.mergeAll(quiet, memoryQueue, memoryStore(held), NodeServices.layer)
export const rough = (held: Held, nth: number) =>
  Layer.mergeAll(
    quiet,
    Layer.provide(queueFaults(seed + nth), memoryQueue),
    Layer.provide(blobFaults(seed + nth), memoryStore(held)),
    NodeServices.layer
  )
