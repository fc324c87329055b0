import { join } from "node:path"
import { Console, Effect, Exit, Option, Scope } from "effect"
import { Command, Flag } from "effect/cli"
import { openBatchJob } from "../../data/batch-job.ts"
import { openBatches } from "../../data/batches.ts"
import { vocabulariesOf } from "../../data/host/open-pipeline.ts"
import { assetsOf, filesOf } from "../../data/host/ready-stage.ts"
import { sayIssues } from "../../data/say-issues.ts"
import type { Source } from "../../data/source.ts"
import { UsageError } from "../../error/usage-error.ts"
import { type Pipeline, toData } from "../../pipeline/pipeline.ts"
import { valuesOf } from "../../pipeline/samples.ts"
import type { Task } from "../../pipeline/task.ts"
import { concludeRun } from "../../report/conclude-run.ts"
import { environmentPairs } from "../../report/gather-facts.ts"
import { environmentOf } from "../../run-folder/environment.ts"
import { checkpointSteps, recordedPipeline } from "../../run-folder/run-folder.ts"
import { failureOf, validateTasks, validationSources } from "../../task/evaluate-tasks.ts"
import { measuredTasks, openTaskData, type TaskData } from "../../task/task-data.ts"
import { type Finished, runTraining, type Trained } from "../../train/run.ts"
import { engineOf } from "../engine-of.ts"
import {
  cacheFlag,
  dataFlag,
  engineFlag,
  jsonFlag,
  pipelineArgument,
  seedFlag,
  setFlag,
  settingsOf,
  stagesFlag,
  stepsFlag,
  threadsFlag
} from "../flags.ts"
import { pipelineOf } from "../pipeline-of.ts"
import { resultText } from "../result-text.ts"
import { Signals } from "../signals.ts"
import { fromFlags, startFolder, startModel, startParameters, startRecord, withModelVocabulary } from "../start-from.ts"
import { startWeights, weightsRecord, withTextVocabulary } from "../start-weights.ts"
import type { CliTables } from "../tables.ts"
import { wholeFlag } from "../whole-flag.ts"

const flags = {
  pipeline: pipelineArgument,
  out: Flag.String("out").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription("The run's folder; runs/PIPELINE unless given"),
    Flag.optional
  ),
  seed: seedFlag,
  steps: stepsFlag,
  engine: engineFlag,
  threads: threadsFlag,
  workers: wholeFlag("workers", 0).pipe(Flag.withDescription("Threads that prepare batches"), Flag.withDefault(1)),
  resume: Flag.Boolean("resume").pipe(Flag.withDescription("Goes on from the newest checkpoint"), Flag.withDefault(false)),
  data: dataFlag,
  set: setFlag,
  stages: stagesFlag,
  imageWeights: Flag.String("image-weights").pipe(
    Flag.withMetavar("FILE|DIR"),
    Flag.withDescription(
      "A ViT of Hugging Face that the image encoder starts from: .safetensors, or the folder with its config.json"
    ),
    Flag.optional
  ),
  textWeights: Flag.String("text-weights").pipe(
    Flag.withMetavar("DIR|FILE"),
    Flag.withDescription(
      "A BERT of Hugging Face for the text encoder, with its vocabulary; its further layers start the fusion's"
    ),
    Flag.optional
  ),
  ...fromFlags,
  allowFaults: Flag.Boolean("allow-faults").pipe(
    Flag.withDescription("Starts even where such weights do not fit, naming what does not"),
    Flag.withDefault(false)
  ),
  cache: cacheFlag,
  json: jsonFlag
}

/** Returns validation data of a run's tasks, and prints a line for each task that has none. */
const validationOf = Effect.fnUntraced(function* (pipeline: Pipeline, data: TaskData, tables: CliTables) {
  const { validateEvery, best } = pipeline.training
  const nothing = { sources: new Map<Task, Source>(), lacks: [] }
  const { sources, lacks } = validateEvery === 0 ? nothing : validationSources(pipeline, data, tables.tasks)
  const chooser = pipeline.tasks.find(({ task }) => best.metric.startsWith(`${task}.`))
  if (chooser && !sources.has(chooser)) {
    const why = validateEvery === 0 ? "validateEvery is 0" : (lacks[0] ?? `${chooser.task} measures no samples`)
    return yield* new UsageError({ problem: `training.best.metric: '${best.metric}' is never measured: ${why}` })
  }
  for (const lack of lacks) yield* Console.error(`semmim: not validated while training: ${lack}`)
  return sources.size > 0 ? sources : undefined
})

/** `semmim run PIPELINE`: trains, evaluates on held-out pairs, and writes the report. */
export const run = (common: CliTables) =>
  Command.make(
    "run",
    flags,
    Effect.fn("cli.run")(function* (given) {
      const signals = yield* Signals
      const { pipeline: named, tables, files } = yield* pipelineOf({ ...given, set: settingsOf(given) }, common)
      const settings = named.training
      const engine = yield* engineOf(given.engine, tables)
      const folder = Option.getOrElse(given.out, () => join("runs", named.name))
      const recorded = given.resume ? yield* recordedPipeline(folder) : undefined
      const from = yield* startFolder(given, recorded?.weights?.["from"])
      const starting = from
        ? yield* withModelVocabulary(from, named, tables)
        : yield* withTextVocabulary(given, recorded?.weights?.["text"], named, tables)
      const job = { pipeline: toData(starting), seed: settings.seed, cache: given.cache, stageFiles: files }
      const batchJob = yield* openBatchJob(job, tables)
      const { pipeline, stages: host } = batchJob
      const resumed = given.resume && (yield* checkpointSteps(folder)).length > 0
      const model = from && !resumed ? yield* startModel(from, given, tables) : undefined
      const started = model
        ? yield* startParameters(model, pipeline, vocabulariesOf(host))
        : { student: yield* startWeights(given, pipeline, vocabulariesOf(host)) }
      const data = yield* openTaskData(pipeline, measuredTasks(pipeline, tables.tasks), tables.tasks, tables.openSource)
      const validation = yield* validationOf(pipeline, data, tables)
      // Only training stops cleanly on a signal; during evaluation a signal ends the command at once.
      const training = yield* Effect.acquireRelease(Scope.make(), (scope, exit) => Scope.close(scope, exit))
      yield* Scope.provide(signals.stopsItself, training)
      const validate =
        validation &&
        Effect.fnUntraced(function* (trained: Trained, step: number) {
          const { metrics, failed } = yield* validateTasks({ ...trained, host, step }, validation, tables.tasks)
          for (const failure of failed) yield* Console.error(`semmim: step ${step} is not validated: ${failure}`)
          return metrics
        })
      const finished: Finished = yield* runTraining({
        pipeline,
        folder,
        seed: settings.seed,
        resume: given.resume,
        engine,
        threads: given.threads,
        given: started.student,
        ...(started.teacher ? { givenTeacher: started.teacher } : {}),
        assets: assetsOf(host),
        files: filesOf(host),
        weights: model ? startRecord(model) : weightsRecord(given),
        stopping: signals.stopping,
        openBatches: (from) =>
          openBatches({ job, opened: batchJob, tables, workerUrl: tables.workerUrl, workers: given.workers, from }),
        ...(validate ? { validate } : {})
      })
      yield* Scope.close(training, Exit.void)
      if (signals.stopping()) {
        const at = finished.step === 0 ? "before the first step" : `after step ${finished.step} with a checkpoint`
        yield* Console.error(`semmim: stopped ${at}; --resume goes on from there`)
        return
      }
      for (const source of new Set(data.values())) yield* sayIssues(source)
      const { evaluation, report } = yield* concludeRun({
        ...finished,
        run: folder,
        host,
        data,
        trained: yield* tables.openSource(pipeline.source.train, valuesOf(pipeline.source)),
        tasks: tables.tasks,
        environment: environmentOf(engine, given.threads),
        facts: (peakBytes) => environmentPairs(engine, given.threads, peakBytes, finished.earlier),
        // The expected metrics were measured without given initial weights.
        expected: started.student.size === 0 && from === undefined ? pipeline.expected : undefined
      })
      yield* Console.log(resultText({ folder, report, evaluation }, tables.tasks, given.json))
      const failure = evaluation && failureOf(evaluation)
      if (failure) return yield* failure
    }, Effect.scoped)
  ).pipe(Command.withDescription("Trains a pipeline, evaluates it and writes its report"))
