import { randomBytes } from "node:crypto"
import { Console, Effect, Layer, Option } from "effect"
import { Command } from "effect/cli"
import { hostContextOf, openFor } from "../../data/host/host-context.ts"
import { openPipeline, vocabulariesOf } from "../../data/host/open-pipeline.ts"
import { noCaches } from "../../data/host/prepared-cache.ts"
import { UsageError } from "../../error/usage-error.ts"
import { slug } from "../../job/job-error.ts"
import type { QueueUrls } from "../../job/send-jobs.ts"
import { type SubmitInputs, submit as submitJobs } from "../../job/submit.ts"
import { completedUnopened, incompleteStage } from "../../pipeline/completed.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import { roundSettings } from "../../pipeline/rounds-settings.ts"
import { valuesOf } from "../../pipeline/samples.ts"
import { replicaPipeline } from "../../train/rounds/replica-pipeline.ts"
import { settingsOf } from "../flags.ts"
import { checkName, jobLayers } from "../job-layers.ts"
import { localCluster } from "../local-cluster.ts"
import { pipelineOf } from "../pipeline-of.ts"
import { resultText } from "../result-text.ts"
import { type FromFlags, startFolder, startModel, startParameters, startRecord, withModelVocabulary } from "../start-from.ts"
import { submitFlags } from "../submit-flags.ts"
import type { CliTables } from "../tables.ts"
import { waitForResult } from "../wait-for-result.ts"

/** Returns the parameters that a submission starts from (`--from`), and the pipeline with their vocabulary. */
const startOf = Effect.fnUntraced(function* (given: FromFlags, named: Pipeline, tables: CliTables) {
  const folder = yield* startFolder(given, undefined)
  if (folder === undefined) return { pipeline: yield* completedForJobs(named, tables) }
  const model = yield* startModel(folder, given, tables)
  const chosen = yield* withModelVocabulary(folder, named, tables)
  const { pipeline, stages } = yield* openPipeline(chosen, hostContextOf(chosen.source.train, tables.openSource, noCaches))
  const parameters = yield* startParameters(model, pipeline, vocabulariesOf(stages))
  return { pipeline, start: { ...parameters, weights: startRecord(model) } }
})

/**
 * Returns a pipeline with its vocabulary's ids in its settings; a vocabulary that would be trained on captions is not trained for
 * that.
 */
const completedForJobs = Effect.fnUntraced(function* (given: Pipeline, { openSource }: CliTables) {
  const pipeline = completedUnopened(given)
  if (incompleteStage(pipeline) === undefined) return pipeline
  return (yield* openPipeline(given, hostContextOf(given.source, openSource, noCaches))).pipeline
})

/** `semmim submit PIPELINE`: prepares, trains in rounds, evaluates and reports, on workers. */
export const submit = (common: CliTables) =>
  Command.make(
    "submit",
    submitFlags,
    Effect.fn("cli.submit")(function* (given) {
      const { pipeline: named, tables, files } = yield* pipelineOf({ ...given, set: settingsOf(given) }, common)
      const { pipeline, start } = yield* startOf(given, named, tables)
      const usage = (problem: string) => new UsageError({ problem })
      if (given.local === (Option.isSome(given.queue) || Option.isSome(given.store)))
        return yield* usage("submit takes either --local, or --queue URL and --store s3://BUCKET/PREFIX")
      const workers = Math.min(
        given.workers,
        Option.getOrElse(given.maxWorkers, () => given.workers)
      )
      const own = pipeline.training.rounds ?? {}
      // A number of steps given by a flag applies to every round.
      const { growth: _, ...ungrown } = own
      const rounds = roundSettings({
        replicas: Option.getOrElse(given.replicas, () => (given.local ? workers : 2)),
        ...(Option.isSome(given.localSteps) ? ungrown : own),
        ...Option.match(given.localSteps, { onNone: () => ({}), onSome: (localSteps) => ({ localSteps }) }),
        deadlineSeconds: given.deadline
      })
      yield* Effect.try({
        try: () => replicaPipeline(pipeline, rounds.replicas),
        catch: (cause) => usage(`--replicas ${rounds.replicas}: ${cause instanceof Error ? cause.message : String(cause)}`)
      })
      const base = slug(pipeline.name)
      const name = yield* checkName(
        Option.getOrElse(given.name, () => (given.local ? `${base}-local` : `${base}-${randomBytes(4).toString("hex")}`))
      )
      const samples = given.prepare
        ? (yield* openFor(tables.openSource, pipeline.source.train, valuesOf(pipeline.source))).count
        : 0
      const inputs: SubmitInputs = {
        name,
        pipeline,
        semmim: tables.version,
        rounds,
        prepare: given.prepare ? { samples, perShard: given.perShard } : null,
        ...(start ? { start } : {}),
        limits: { maxWorkers: Option.getOrNull(given.maxWorkers), maxHours: Option.getOrNull(given.maxHours) }
      }
      const out = Option.getOrElse(given.out, () => `runs/${name}`)
      if (given.local) {
        const cluster = yield* localCluster({ ...given, out, workers, pipeline, files })
        const found = yield* Effect.gen(function* () {
          const submission = yield* submitJobs(inputs, cluster.urls)
          return yield* waitForResult(submission, out, tables, { everySeconds: 1, until: cluster.ended })
        }).pipe(Effect.provide(cluster.layer))
        return yield* Console.log(resultText({ ...found, folder: out }, tables.tasks, given.json))
      }
      const place = Option.getOrUndefined(given.store)
      const queue = Option.getOrUndefined(given.queue)
      if (place === undefined || queue === undefined)
        return yield* usage("submit without --local takes --queue URL and --store s3://BUCKET/PREFIX")
      const urls: QueueUrls = { host: queue, gpu: Option.getOrElse(given.gpuQueue, () => queue) }
      yield* Effect.gen(function* () {
        const submission = yield* submitJobs(inputs, urls)
        if (!given.wait) {
          yield* Console.log(
            given.json
              ? JSON.stringify({ submission: name })
              : `submitted ${name}; semmim status ${name} --store ${place} says how it is`
          )
          return
        }
        const found = yield* waitForResult(submission, out, tables, { everySeconds: 10, until: Effect.never })
        yield* Console.log(resultText({ ...found, folder: out }, tables.tasks, given.json))
      }).pipe(Effect.provide(Layer.fresh(jobLayers(place))))
    }, Effect.scoped)
  ).pipe(Command.withDescription("Has a pipeline prepared, trained in rounds, evaluated and reported by workers"))
