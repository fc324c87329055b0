import { Effect, type FileSystem, Stream } from "effect"
import type { BadSample } from "../data/bad-samples.ts"
import { DataError } from "../data/data-error.ts"
import { type DataTables, openHostStages, type StagedPipeline } from "../data/host/host-stages.ts"
import { cachesIn, noCaches, type OpenCache } from "../data/host/prepared-cache.ts"
import { imageFields } from "../data/sample-value.ts"
import { arePairs, valuesOf } from "../pipeline/samples.ts"
import { digest } from "../store/digest.ts"
import type { StoreError } from "../store/store-error.ts"
import { fieldsText } from "../tensor/field.ts"
import { fingerprint, fingerprintLayout } from "./fingerprint.ts"
import { writeFingerprints } from "./fingerprint-file.ts"
import { sealAgain } from "./finished-shard.ts"
import type { Outcome } from "./outcome.ts"
import { samplePreparer, stagesInShards } from "./prepare-sample.ts"
import { looksCount, type PrepareSettings, prepareVersion } from "./prepare-settings.ts"
import { duplicateInput, failedInput, sampleInput, shardInputs } from "./sample-input.ts"
import { type ImageVersions, imageVersions } from "./versions.ts"
import { writeShard } from "./write-shard.ts"

/** Everything that determines the shards, and their folder, as plain data to be passed to a worker. */
export interface PrepareJob extends StagedPipeline {
  readonly kind: "prepare"
  /** The folder of caches, for vocabularies; `null` for none. */
  readonly cache: string | null
  readonly stageFiles: readonly string[]
  readonly folder: string
  readonly settings: PrepareSettings
  /** True to fetch images that the source names by URL; false by default. */
  readonly allowUrls?: boolean
}

/** A unit of the work, as plain data. */
export type PrepareTask =
  | { readonly kind: "fingerprint"; readonly shard: number }
  | {
      readonly kind: "write"
      readonly shard: number
      readonly folder: string
      /** The split that is written: 0 is the rest. */
      readonly split: number
      /** Disposition of each sample that the shard covers (`planSamples`); `null` where all are written. */
      readonly dispositions: Int32Array | null
    }

/** Answer to a task: `written`, or `kept` where the same result existed already. */
export type PrepareAnswer = "written" | "kept"

/** Reports the number of samples completed since the last report, and the bad ones among them. */
export type Told = (samples: number, failed?: readonly BadSample[]) => void

/** The same as a message of a thread. */
export interface PrepareNews {
  readonly samples: number
  readonly failed: readonly BadSample[]
}

/** Number of images processed concurrently: one is decoded while the next is read. */
const inFlight = 2

/**
 * Preprocessing is written to shards instead of the cache; vocabularies, which are built from all captions, are still cached
 * there.
 */
const cacheOf = (folder: string | null): OpenCache => {
  const kept = folder === null ? noCaches : cachesIn(folder)
  return (name) => (name.startsWith("prepared/") ? noCaches(name) : kept(name))
}

/** Everything that determines a job's shards, by name, each as a short text. */
export interface JobFacts {
  readonly [name: string]: string
}

/** Opens a job: its source and stages, everything that determines its shards, and the function that runs a task. */
export const openPrepareJob = Effect.fn("prepare.openPrepareJob")(function* (job: PrepareJob, tables: DataTables) {
  const { folder, settings } = job
  const { pipeline, source, stages } = yield* openHostStages(job, tables, cacheOf(job.cache))
  const fields = valuesOf(pipeline.source)
  const kept = stagesInShards(stages)
  const versions: ImageVersions = imageVersions(settings)
  const { filters, limits, splits, ...plain } = settings
  const facts: JobFacts = {
    format: String(prepareVersion),
    source: source.digest,
    ...(arePairs(fields) ? {} : { fields: fieldsText(fields) }),
    stages: kept.map(({ stage, identity }) => `${stage.as} ${identity}`).join(", "),
    ...Object.fromEntries(
      Object.entries({ ...plain, ...filters, ...limits, splits }).map(([name, value]) => [name, JSON.stringify(value)])
    ),
    ...versions
  }
  const jobDigest = digest(facts)
  const { source: _, ...recipe } = facts
  const recipeDigest = digest(recipe)
  const { shardSize } = settings
  const rangeOf = (shard: number) => ({ from: shard * shardSize, to: Math.min(source.count, (shard + 1) * shardSize) })
  const prepareOne = samplePreparer(source, fields, stages, settings)

  const dispositions = (
    shard: number,
    split: number,
    given: Int32Array | null
  ): readonly (readonly [index: number, disposition: number])[] => {
    const { from, to } = rangeOf(shard)
    const all = Array.from({ length: to - from }, (_, i) => [from + i, given?.[i] ?? 0] as const)
    return all.filter(([, disposition]) => (disposition < 0 ? split === 0 : disposition === split))
  }
  const outcomeOf = (index: number, disposition: number): Effect.Effect<Outcome> =>
    disposition >= 0
      ? prepareOne(index)
      : Effect.sync(() => ({
          status: "duplicate",
          index,
          id: source.id(index),
          reason: `duplicate(of ${source.id(-1 - disposition)})`,
          input: duplicateInput(source.id(index), source.id(-1 - disposition))
        }))
  const inputOf = (index: number, disposition: number): Effect.Effect<readonly [index: number, input: string]> =>
    Effect.map(
      disposition < 0
        ? Effect.sync(() => duplicateInput(source.id(index), source.id(-1 - disposition)))
        : Effect.match(source.sample(index), {
            onSuccess: (raw) => sampleInput(fields, raw),
            onFailure: ({ reason }) => failedInput(source.id(index), reason)
          }),
      (input) => [index, input] as const
    )

  /** The image field by which samples are compared; samples without one are all distinct. */
  const [compared] = imageFields(fields)
  const fingerprintOf = (index: number, told: Told) =>
    source.sample(index).pipe(
      Effect.flatMap((raw) =>
        compared === undefined
          ? Effect.succeed(new Uint8Array(fingerprintLayout.bytes))
          : fingerprint(raw.id, raw[compared] as Uint8Array, looksCount(settings), settings.limits)
      ),
      Effect.tap(() => Effect.sync(() => told(1))),
      Effect.catch(({ id, reason }) =>
        Effect.sync(() => {
          told(1, [{ id, reason }])
          return new Uint8Array(fingerprintLayout.bytes)
        })
      )
    )

  /**
   * Runs one task; its files are complete when it ends. An existing shard with the same samples, as the first ones of a source
   * that has grown since, is kept.
   */
  const run = Effect.fnUntraced(function* (
    task: PrepareTask,
    told: Told
  ): Effect.fn.Return<PrepareAnswer, StoreError, FileSystem.FileSystem> {
    const { from, to } = rangeOf(task.shard)
    if (task.kind === "write") {
      const todo = dispositions(task.shard, task.split, task.dispositions)
      const place = { folder: task.folder, shard: task.shard, job: jobDigest, recipe: recipeDigest }
      const inputs = Effect.map(
        Effect.forEach(todo, ([index, disposition]) => inputOf(index, disposition), { concurrency: inFlight }),
        shardInputs
      )
      if (yield* sealAgain(place, inputs)) {
        told(todo.length)
        return "kept"
      }
      const outcomes = Stream.fromIterable(todo).pipe(
        Stream.mapEffect(
          ([index, disposition]) =>
            Effect.tap(outcomeOf(index, disposition), (outcome) =>
              Effect.sync(() => told(1, outcome.status === "failed" ? [{ id: outcome.id, reason: outcome.reason }] : []))
            ),
          { concurrency: inFlight }
        )
      )
      yield* writeShard(place, outcomes)
      return "written"
    }
    const indices = Array.from({ length: to - from }, (_, i) => from + i)
    const fingerprints = yield* Effect.forEach(indices, (index) => fingerprintOf(index, told), { concurrency: inFlight })
    yield* writeFingerprints(folder, task.shard, jobDigest, Buffer.concat(fingerprints))
    return "written"
  })
  if (source.count === 0) return yield* new DataError({ file: source.name, problem: "no samples" })
  return {
    pipeline,
    source,
    fields,
    kept,
    versions,
    facts,
    digest: jobDigest,
    shards: Math.ceil(source.count / shardSize),
    rangeOf,
    run
  }
})

/** An opened job. */
export type OpenPrepareJob = Effect.Success<ReturnType<typeof openPrepareJob>>
