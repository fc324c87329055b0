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

/** What makes one batch at a time. */
type Make<E> = (index: number) => Effect.Effect<Batch, E>

/**
 * Batches in order from some index on, made ahead of their use by makers that work at the same time; at most `ahead` are made or
 * being made and not yet taken. The same batches whatever the number of makers.
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
      // In the scope of the caches, which so close after it: a batch that nobody takes must not read from closed files.
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

/** Bad samples that are named in warnings; more are named when debugging. */
const namedAloud = 20

/** Names each bad sample in the log, once. */
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

/** How batches are made. */
export interface BatchesOptions {
  readonly job: BatchJob
  /** The same opened, where it is already. */
  readonly opened?: OpenedBatchJob
  readonly tables: DataTables
  /** The file that a worker starts with: it calls `serveBatches` with the same tables. */
  readonly workerUrl: URL
  /** Worker threads; 0 makes batches in this one. */
  readonly workers: number
  /** The first batch's index: where a run resumes. */
  readonly from: number
  /** Batches made before they are asked for; two more than there are workers, unless given. */
  readonly ahead?: number
}

/**
 * Opens a job's data, of `samples` samples: `next` gives its batches in order, which do not depend on the number of workers or on where it started, and
 * fails when too many samples cannot be used or a worker ends. Vocabularies are built here, before a worker looks for them.
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
