import { NodeServices } from "@effect/platform-node"
import { Deferred, Effect, Layer, Logger } from "effect"
import { sqsQueue } from "../../lib/queue/sqs.ts"
import { fileBlobStore } from "../../lib/store/blob/file.ts"
import { work } from "../../lib/worker/worker.ts"
import { made, toyHandlers, toyProcessing } from "./jobs.ts"

// A worker of trivial jobs as a process of its own, to be killed: job-worker.ts ENDPOINT QUEUE STORE VISIBILITY
// It writes a byte for each job that it begins.
const [endpoint, url, store, visibility] = process.argv.slice(2) as [string, string, string, string]

process.stdin.on("end", () => process.exit()).resume()
const { handlers } = toyHandlers((job) =>
  Effect.suspend(() => {
    process.stdout.write(".")
    return Effect.as(Effect.sleep("20 millis"), made(job))
  })
)
const main = Effect.gen(function* () {
  const { ended } = yield* work({
    pools: [{ url, concurrency: 4, buffer: 8 }],
    processing: toyProcessing(handlers),
    stop: yield* Deferred.make<void>(),
    drainSeconds: 1,
    visibilitySeconds: Number(visibility),
    pollSeconds: 1
  })
  yield* ended
}).pipe(
  Effect.provide(
    Layer.mergeAll(sqsQueue({ endpoint, local: true }), fileBlobStore(store), Logger.layer([])).pipe(
      Layer.provideMerge(NodeServices.layer)
    )
  )
)
await Effect.runPromise(main)
