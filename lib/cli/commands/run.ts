import { availableParallelism } from "node:os"
import { join } from "node:path"
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { openBatches } from "../../data/batches.ts"
import { evaluateRetrieval } from "../../evaluate/evaluate-retrieval.ts"
import { writeEvaluation } from "../../evaluate/evaluation.ts"
import { someOf } from "../../evaluate/subset.ts"
import type { ReadyStage } from "../../pipeline/opened.ts"
import { type Pipeline, toData } from "../../pipeline/pipeline.ts"
import { derive, key } from "../../random/key.ts"
import { writeReport } from "../../report/gather/gather.ts"
import { environmentPairs } from "../../report/gather/pairs.ts"
import { type Finished, runTraining, type Trained } from "../../train/run.ts"
import { engineOf } from "../engine-of.ts"
import { retrievalLines } from "../evaluation-text.ts"
import { cacheFlag, dataFlag, jsonFlag, pipelineArgument, setFlag } from "../flags.ts"
import { pipelineOf } from "../pipeline-of.ts"
import { Signals } from "../signals.ts"
import type { CliTables } from "../tables.ts"

const flags = {
  pipeline: pipelineArgument,
  out: Flag.String("out").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription("The run's folder; runs/PIPELINE unless given"),
    Flag.optional
  ),
  seed: Flag.Int("seed").pipe(Flag.withDescription("The seed of every draw; the pipeline's unless given"), Flag.optional),
  steps: Flag.Int("steps").pipe(Flag.withDescription("Updates; as --set steps=N"), Flag.optional),
  engine: Flag.String("engine").pipe(Flag.withDescription("What runs the programs"), Flag.withDefault("onnx")),
  threads: Flag.Int("threads").pipe(Flag.withDescription("Threads of the engine"), Flag.withDefault(availableParallelism())),
  workers: Flag.Int("workers").pipe(Flag.withDescription("Threads that prepare batches"), Flag.withDefault(1)),
  resume: Flag.Boolean("resume").pipe(Flag.withDescription("Goes on from the newest checkpoint"), Flag.withDefault(false)),
  data: dataFlag,
  set: setFlag,
  cache: cacheFlag,
  json: jsonFlag
}

/** A held-out evaluation small enough to be repeated while training. */
const validationSamples = 100

/** Held-out data as evaluation draws it: some pairs, by the pipeline's seed. */
const heldOut = Effect.fnUntraced(function* (pipeline: Pipeline, count: number, { openSource }: CliTables) {
  const name = pipeline.source.heldOut
  if (name === null || count === 0) return undefined
  return someOf(yield* openSource(name), count, derive(key(pipeline.training.seed), "evaluate"))
})

/** Evaluates a model on held-out pairs, one caption each. */
const measured = (trained: Trained, host: readonly ReadyStage[], step: number, count: number, k: number, tables: CliTables) =>
  Effect.gen(function* () {
    const source = yield* heldOut(trained.pipeline, count, tables)
    if (!source) return undefined
    return yield* evaluateRetrieval({ ...trained, host, source, step }, { captions: 1, k })
  })

/** `semmim run PIPELINE`: trains, evaluates on held-out pairs, writes the report. */
export const run = (tables: CliTables) =>
  Command.make(
    "run",
    flags,
    Effect.fn("cli.run")(function* (given) {
      const signals = yield* Signals
      const set = [...given.set, ...Option.match(given.steps, { onNone: () => [], onSome: (steps) => [`steps=${steps}`] })]
      const seeded = [...set, ...Option.match(given.seed, { onNone: () => [], onSome: (seed) => [`seed=${seed}`] })]
      const pipeline = yield* pipelineOf({ ...given, set: seeded }, tables)
      const settings = pipeline.training
      const engine = yield* engineOf(given.engine, tables)
      const folder = Option.getOrElse(given.out, () => join("runs", pipeline.name))
      let host: readonly ReadyStage[] = []
      yield* signals.stopsItself
      const finished: Finished = yield* runTraining({
        pipeline,
        folder,
        seed: settings.seed,
        resume: given.resume,
        engine,
        threads: given.threads,
        stopping: signals.stopping,
        openBatches: (from) =>
          Effect.map(
            openBatches({
              job: { pipeline: toData(pipeline), seed: settings.seed, cache: given.cache },
              tables,
              workerUrl: tables.workerUrl,
              workers: given.workers,
              from
            }),
            (batches) => {
              host = batches.stages
              return batches
            }
          ),
        validate: (trained, step) =>
          Effect.map(measured(trained, host, step, Math.min(validationSamples, settings.evaluate), 10, tables), (evaluation) => ({
            ...(evaluation
              ? { "validation.tr10": evaluation.retrieval.dual.tr10, "validation.ir10": evaluation.retrieval.dual.ir10 }
              : {})
          }))
      })
      if (finished.stopped) {
        yield* Console.error(`semmim: stopped after step ${finished.step} with a checkpoint; --resume goes on from it`)
        return
      }
      const evaluation = yield* measured(finished, host, finished.step, settings.evaluate, settings.candidates, tables)
      if (evaluation) yield* writeEvaluation(folder, evaluation)
      const source = yield* heldOut(pipeline, settings.evaluate, tables)
      const training = yield* tables.openSource(pipeline.source.train)
      const { peakBytes } = yield* finished.session.usage
      const environment = environmentPairs(engine, given.threads, peakBytes)
      const report = yield* writeReport({
        ...finished,
        run: folder,
        host,
        source: source ?? training,
        credits: training.credits,
        environment
      })
      if (given.json) yield* Console.log(JSON.stringify({ folder, report, retrieval: evaluation?.retrieval ?? null }))
      else yield* Console.log([...(evaluation ? [retrievalLines(evaluation)] : []), `report: ${report}`].join("\n"))
    }, Effect.scoped)
  ).pipe(Command.withDescription("Trains a pipeline, evaluates it and writes its report"))
