import { Deferred, Effect, Queue } from "effect"
import type { WiringError } from "../pipeline/errors.ts"
import { toData } from "../pipeline/pipeline.ts"
import type { Fields } from "../tensor/field.ts"
import { openJobThread, type WorkerError } from "../thread/job-thread.ts"
import { badBatchWatch } from "./bad-batch-watch.ts"
import type { BadSample, TooManyBadSamples } from "./bad-samples.ts"
import type { Batch } from "./batch.ts"
import { type BatchJob, type OpenedBatchJob, openBatchJob } from "./batch-job.ts"
import type { DataTables } from "./host/host-stages.ts"
import { imageLoaders } from "./image-loaders.ts"
import { sayIssues } from "./say-issues.ts"
import type { Source } from "./source.ts"
import type { ReadListMap } from "./sources/read-lists.ts"

/** Makes one batch at a time, by its index. */
type Make<E> = (index: number) => Effect.Effect<Batch, E>

/**
 * Returns batches in order from an index on, made ahead of their use by concurrent makers; at most `ahead` are finished or in
 * progress and not yet taken. The batches do not depend on the number of makers.
 */
const inOrder = Effect.fnUntraced(function* <E>(makers: readonly Make<E>[], from: number, ahead: number) {
  const free = yield* Queue.unbounded<Make<E>>()
  yield* Queue.offerAll(free, makers)
  const coming = yield* Queue.bounded<Deferred.Deferred<Batch, E>>(Math.max(1, ahead))
  const dispatch = Effect.gen(function* () {
    for (let index = from; ; index++) {
      const result = yield* Deferred.make<Batch, E>()
      yield* Queue.offer(coming, result)
      const make = yield* Queue.take(free)
      // In the scope of the caches, which therefore close after it: an unused batch must not read from closed files.
      yield* Effect.forkScoped(
        Effect.andThen(
          Deferred.into(make(index), result),
          Effect.sync(() => Queue.offerUnsafe(free, make))
        )
      )
    }
  })
  yield* Effect.forkScoped(dispatch)
  return Effect.flatMap(Queue.take(coming), Deferred.await)
})

/** Bad samples named in warnings; further ones are named at debug level. */
const namedAloud = 20

/** Logs each bad sample once. */
const nameBadSamples = () => {
  const known = new Set<string>()
  return Effect.fnUntraced(function* (bad: readonly BadSample[]) {
    for (const { id, reason, part } of bad) {
      const name = part === undefined ? id : `${id} of the part '${part}'`
      if (known.has(name)) continue
      const log = known.add(name).size <= namedAloud ? Effect.logWarning : Effect.logDebug
      yield* log(`sample ${name} is left out: ${reason}`)
    }
  })
}

/** All lists that sources were read from. */
const listsOf = (sources: readonly Pick<Source<Fields>, "lists">[]): ReadListMap | undefined =>
  sources.length === 1 ? sources[0]!.lists : new Map(sources.flatMap(({ lists }) => [...(lists ?? [])]))

/** Options of making batches. */
export interface BatchesOptions {
  readonly job: BatchJob
  /** The opened job, if it is open already. */
  readonly opened?: OpenedBatchJob
  readonly tables: DataTables
  /** Module that a worker runs: it calls `serveBatches` with the same tables. */
  readonly workerUrl: URL
  /** Number of worker threads; 0 makes the batches in this thread. */
  readonly workers: number
  /** Index of the first batch: where a run resumes. */
  readonly from: number
  /** Number of batches made ahead of their use; `workers` + 2 by default. */
  readonly ahead?: number
}

/**
 * Opens a job's data. Of the result, `samples` is the number of samples, and `next` returns the batches in order, independent of
 * the number of workers and of `from`; it fails when too many samples cannot be used or a worker ends. Vocabularies are built in
 * this thread, before a worker looks for them.
 */
export const openBatches = Effect.fn("data.openBatches")(function* (options: BatchesOptions) {
  const { job, tables, workerUrl, workers, from, ahead = workers + 2 } = options
  const { pipeline, source, stages, parts, make } = options.opened ?? (yield* openBatchJob(job, tables))
  const sources = [source, ...Object.values(parts).map((part) => part.source)]
  for (const each of sources) yield* sayIssues(each)
  const numbers = Array.from({ length: workers }, (_, number) => number)
  const threadJob: BatchJob = { ...job, pipeline: toData(pipeline), lists: listsOf(sources) }
  imageLoaders()
  const threads = yield* Effect.forEach(numbers, (number) => openJobThread<number, Batch>(workerUrl, threadJob, number), {
    concurrency: "unbounded"
  })
  const makers: readonly Make<WorkerError | TooManyBadSamples | WiringError>[] = workers === 0 ? [make] : threads
  const batches = yield* inOrder(makers, from, ahead)
  const watch = badBatchWatch({ source, parts }, job.budget)
  const named = nameBadSamples()
  const next = Effect.gen(function* () {
    const batch = yield* batches
    yield* named(batch.bad)
    const tooMany: TooManyBadSamples | undefined = watch(batch)
    return tooMany ? yield* tooMany : batch
  })
  return { next, samples: source.count, pipeline, source, stages, parts }
})
