import { join } from "node:path"
import { Deferred, Effect, FileSystem } from "effect"
import type { TooManyBadSamples } from "../data/bad-samples.ts"
import type { DataTables } from "../data/host/host-stages.ts"
import { imageLoaders } from "../data/image-loaders.ts"
import type { ReadIssue } from "../data/read-issues.ts"
import { joinsSameImages } from "../data/same-images.ts"
import type { Progress } from "../log/progress.ts"
import { toData } from "../pipeline/pipeline.ts"
import { removeLeftovers } from "../store/atomic.ts"
import { lockFolder } from "../store/lock.ts"
import { makeFolder } from "../store/make-folder.ts"
import { type StoreError, storeError } from "../store/store-error.ts"
import { openJobThread, type WorkerError } from "../thread/job-thread.ts"
import { fingerprintFolder, readFingerprints } from "./fingerprint-file.ts"
import { verifiedShard } from "./finished-shard.ts"
import { type SplitEntry, writeManifest } from "./manifest.ts"
import { planSamples } from "./plan.ts"
import {
  type OpenPrepareJob,
  openPrepareJob,
  type PrepareAnswer,
  type PrepareJob,
  type PrepareNews,
  type PrepareTask,
  type Told
} from "./prepare-job.ts"
import { needsFingerprints } from "./prepare-settings.ts"
import { removeShardsFrom } from "./remove-shards.ts"
import { type ShardSet, writeShardSet } from "./shard-set.ts"
import { beginOrGoOn } from "./started.ts"
import { refuseUnusable, textWatch } from "./unusable-set.ts"

/** Options of `prepare`. */
export interface PrepareOptions {
  readonly job: PrepareJob
  readonly tables: DataTables
  /** Module that a worker runs: it calls `serveThread` with the same tables. */
  readonly workerUrl: URL
  /** Number of worker threads; 0 does everything in this thread. */
  readonly workers: number
  /** True where the source may have changed since the folder was started: shards whose samples are the same are kept. */
  readonly update?: boolean
  readonly progress: Progress
}

/** The sets that were written: that of the folder itself, and those of the splits by name. */
export interface Prepared {
  readonly folder: string
  readonly set: ShardSet
  readonly splits: { readonly [name: string]: ShardSet }
  /** Number of shards that existed already and were kept. */
  readonly kept: number
  /** Entries that were left out, are doubtful or were ignored when the source was opened, by reason. */
  readonly issues: readonly ReadIssue[]
}

type Do<E, R> = (task: PrepareTask, told: Told) => Effect.Effect<PrepareAnswer, E, R>

/**
 * Runs tasks in order, each by the next free one of `doers`; the first failure ends all. Returns the number of tasks whose result
 * existed already.
 */
const doAll = <E, R>(doers: readonly Do<E, R>[], tasks: readonly PrepareTask[], told: Told) => {
  let next = 0
  let kept = 0
  const each = Effect.fnUntraced(function* (run: Do<E, R>) {
    while (next < tasks.length) if ((yield* run(tasks[next++]!, told)) === "kept") kept++
  })
  return Effect.map(Effect.forEach(doers, each, { concurrency: "unbounded", discard: true }), () => kept)
}

/** Progress of some work, and the condition that ends it. */
interface Shown {
  readonly label: string
  readonly total: number
  readonly from: number
  readonly watch: ReturnType<typeof textWatch>
}

/** Shows the progress that threads report, four times a second, and stops them once too many texts cannot be used. */
const showing = <A, E, R>(
  progress: Progress,
  { label, total, from, watch }: Shown,
  work: (told: Told) => Effect.Effect<A, E, R>
) => {
  let done = from
  const show = Effect.suspend(() => progress.update({ label, done, total, from, unit: "sample" }))
  const shown = Effect.forever(Effect.andThen(show, Effect.sleep("250 millis")))
  return Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(shown)
    const tooMany = yield* Deferred.make<never, TooManyBadSamples>()
    const working = work((samples, failed = []) => {
      done += samples
      const fault = failed.length > 0 ? watch(failed) : undefined
      if (fault) Deferred.doneUnsafe(tooMany, Effect.fail(fault))
    })
    const result = yield* Effect.raceFirst(working, Deferred.await(tooMany)).pipe(
      Effect.onExit(() =>
        Effect.asVoid(
          Effect.andThen(
            show,
            Effect.sync(() => fiber.interruptUnsafe())
          )
        )
      )
    )
    return result
  })
}

const range = (length: number): readonly number[] => Array.from({ length }, (_, i) => i)

/** Returns the fingerprints of all samples, read from earlier files or computed, and from them the disposition of each sample. */
const plan = Effect.fnUntraced(function* <E, R>(
  { folder, settings }: PrepareJob,
  opened: OpenPrepareJob,
  doers: readonly Do<E, R>[],
  progress: Progress,
  watch: Shown["watch"]
) {
  const { digest, rangeOf, shards, source } = opened
  const sizeOf = (shard: number) => rangeOf(shard).to - rangeOf(shard).from
  const read = (shard: number) => readFingerprints(folder, shard, digest, sizeOf(shard))
  const missing: number[] = []
  for (const shard of range(shards)) if ((yield* read(shard)) === undefined) missing.push(shard)
  const from = source.count - missing.reduce((sum, shard) => sum + sizeOf(shard), 0)
  const tasks = missing.map((shard) => ({ kind: "fingerprint", shard }) as const)
  const shown = { label: "prepare: compare", total: source.count, from, watch }
  yield* showing(progress, shown, (told) => doAll(doers, tasks, told))
  const fingerprints = new Uint8Array(source.count * 64)
  for (const shard of range(shards)) {
    const own = yield* read(shard)
    if (own === undefined) return yield* Effect.die(new Error(`fingerprints of shard ${shard} were not written`))
    fingerprints.set(own, rangeOf(shard).from * 64)
  }
  return planSamples(fingerprints, source, settings)
})

/**
 * Writes the shards of a source into a folder, resuming where an interrupted run stopped: finished shards with correct digests
 * are kept, and the bytes of all files are independent of the workers, interruptions and updates.
 *
 * Errors: `PrepareError` (other settings, data or versions than the folder was started with), `FolderInUse`, `StoreError` (a full
 * disk), `DataError`, `WiringError`, `WorkerError`, and `TooManyBadSamples` where more texts than the budget cannot be used. A
 * sample that cannot be used is no error: it is quarantined; a source of which nothing is kept is a `PrepareError`.
 */
export const prepare = Effect.fn("prepare.prepare")(function* (options: PrepareOptions) {
  const { job, tables, workerUrl, workers, progress, update = false } = options
  const { folder, settings } = job
  yield* lockFolder(folder)
  const opened = yield* openPrepareJob(job, tables)
  const folders = [folder, ...settings.splits.map(({ name }) => join(folder, name))]
  yield* beginOrGoOn(folder, opened.facts, { update, sets: folders })
  for (const each of folders) {
    yield* makeFolder(each).pipe(Effect.mapError(storeError(each)))
    yield* removeLeftovers(each)
  }
  yield* removeLeftovers(fingerprintFolder(folder))
  // The opened pipeline: `job.pipeline` may omit settings that have a default.
  const threadJob: PrepareJob = { ...job, pipeline: toData(opened.pipeline), lists: opened.source.lists }
  imageLoaders()
  const threads = yield* Effect.forEach(
    range(Math.min(workers, opened.shards * folders.length)),
    (number) =>
      Effect.map(
        openJobThread<PrepareTask, PrepareAnswer, PrepareNews>(workerUrl, threadJob, number),
        (run) => (task: PrepareTask, told: Told) => run(task, ({ samples, failed }) => told(samples, failed))
      ),
    {
      concurrency: "unbounded"
    }
  )
  const doers: readonly Do<StoreError | WorkerError, FileSystem.FileSystem>[] = workers === 0 ? [opened.run] : threads
  const { digest, shards, rangeOf, source } = opened
  const watch = textWatch(source)
  const dispositions = needsFingerprints(settings) ? yield* plan(job, opened, doers, progress, watch) : null

  const tasks: PrepareTask[] = []
  let kept = 0
  let samples = 0
  for (const shard of range(shards)) {
    const { from, to } = rangeOf(shard)
    const own = dispositions?.slice(from, to) ?? null
    for (const [split, each] of folders.entries()) {
      // With `update`, each sample is compared with that from which its shard was made.
      const finished = update ? undefined : yield* verifiedShard({ folder: each, shard, job: digest })
      if (finished === undefined) tasks.push({ kind: "write", shard, folder: each, split, dispositions: own })
      else {
        kept++
        samples += finished.counts.read
        const fault = watch(finished.leftOut)
        if (fault) return yield* fault
      }
    }
  }
  const shown = { label: "prepare", total: source.count, from: samples, watch }
  kept += yield* showing(progress, shown, (told) => doAll(doers, tasks, told))
  for (const each of folders) yield* removeShardsFrom(each, shards)

  const sets = yield* Effect.forEach(folders, (each) => writeShardSet(each, shards, digest, joinsSameImages(source)))
  yield* refuseUnusable({ source, job: digest, shards, folders, sets })
  const entries: Record<string, SplitEntry> = {}
  const splits: Record<string, ShardSet> = {}
  for (const [i, { name, fraction }] of settings.splits.entries()) {
    const set = sets[i + 1]!
    entries[name] = { folder: name, fraction, samples: set.counts.samples }
    splits[name] = set
    yield* writeManifest(opened, settings, { folder: folders[i + 1]!, split: name, set, splits: {} })
  }
  yield* writeManifest(opened, settings, { folder, split: null, set: sets[0]!, splits: entries })
  const fs = yield* FileSystem.FileSystem
  yield* Effect.ignore(fs.remove(fingerprintFolder(folder), { recursive: true, force: true }))
  return { folder, set: sets[0]!, splits, kept, issues: source.issues } satisfies Prepared
})
