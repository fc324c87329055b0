import { availableParallelism } from "node:os"
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { flops } from "../../compiler/flops.ts"
import { memoryUse } from "../../compiler/memory.ts"
import { openBatchJob } from "../../data/batch-job.ts"
import { hostContextOf, openFor } from "../../data/host/host-context.ts"
import { openPipeline } from "../../data/host/open-pipeline.ts"
import { cachesIn } from "../../data/host/prepared-cache.ts"
import { type Explanation, explain as explained, type Measures } from "../../explain/explain.ts"
import { explainCache } from "../../explain/explain-cache.ts"
import { measureRun } from "../../explain/measure-run.ts"
import { mermaid } from "../../explain/mermaid.ts"
import { predictRun } from "../../explain/predict-run.ts"
import { stepGraph } from "../../explain/step-graph.ts"
import { table } from "../../log/table.ts"
import { type Pipeline, toData } from "../../pipeline/pipeline.ts"
import { valuesOf } from "../../pipeline/samples.ts"
import { settingRows } from "../../pipeline/setting-rows.ts"
import { engineOf } from "../engine-of.ts"
import { explanationText } from "../explanation-text.ts"
import { cacheFlag, dataFlag, engineFlag, jsonFlag, pipelineArgument, setFlag, stagesFlag, threadsFlag } from "../flags.ts"
import { pipelineOf } from "../pipeline-of.ts"
import { predictionText } from "../prediction-text.ts"
import type { CliTables } from "../tables.ts"
import { wholeFlag } from "../whole-flag.ts"

const flags = {
  pipeline: pipelineArgument,
  set: setFlag,
  data: dataFlag.pipe(
    Flag.withDescription(
      "Training data: reads some of it and runs some steps, and predicts time and memory of a run on this machine"
    )
  ),
  engine: engineFlag,
  threads: threadsFlag,
  workers: wholeFlag("workers", 0).pipe(Flag.withDescription("Threads that prepare batches"), Flag.withDefault(1)),
  stages: stagesFlag,
  cache: cacheFlag,
  settings: Flag.Boolean("settings").pipe(
    Flag.withDescription("Lists all settings: path, type, range, default, value"),
    Flag.withDefault(false)
  ),
  graph: Flag.Boolean("graph").pipe(
    Flag.withDescription("Draws the training step, pass by pass, as a Mermaid flow chart"),
    Flag.withDefault(false)
  ),
  json: jsonFlag
}

const spelled = (value: unknown): string => {
  const text = value === undefined ? "–" : JSON.stringify(value)
  return text.length > 48 ? `${text.slice(0, 47)}…` : text
}

const listSettings = (pipeline: Pipeline, json: boolean, tables: CliTables): string => {
  const rows = settingRows(toData(pipeline), tables)
  if (json) return JSON.stringify(rows)
  const cells = rows.map(({ path, type, range, value, default: given }) => [
    path,
    spelled(value),
    spelled(given),
    range === "" ? type : `${type} ${range}`
  ])
  return table(["setting", "value", "default", "type and range"], cells)
}

const measures: Measures = { flops: (program) => flops(program).total, peakBytes: (program) => memoryUse(program).peakBytes }

/** Completes a pipeline with the vocabularies that its host stages opened, and reports how much of their work is cached. */
const cacheState = Effect.fnUntraced(function* (pipeline: Pipeline, folder: string, { openSource }: CliTables) {
  const { train } = pipeline.source
  const source = yield* openFor(openSource, train, valuesOf(pipeline.source))
  const opened = yield* openPipeline(pipeline, hostContextOf(pipeline.source, openSource, cachesIn(folder)))
  const cache = { samples: source.count, stages: yield* explainCache(opened.stages, source) }
  return { pipeline: opened.pipeline, cache }
})

/** Flags of the prediction, with the same meaning as in `semmim run`. */
interface PredictFlags {
  readonly cache: string
  readonly engine: string
  readonly threads: number
  readonly workers: number
}

/** Approximate time limit for all timed runs of the larger step. */
const budgetSeconds = 20

/** Takes measurements of a pipeline on this machine and predicts its run. */
const predicted = Effect.fnUntraced(function* (
  pipeline: Pipeline,
  flags: PredictFlags,
  tables: CliTables,
  stageFiles: readonly string[]
) {
  const engine = yield* engineOf(flags.engine, tables)
  const job = { pipeline: toData(pipeline), seed: pipeline.training.seed, cache: flags.cache, stageFiles }
  const opened = yield* openBatchJob(job, tables)
  const { workerUrl } = tables
  const measures = yield* measureRun({ ...flags, job, opened, tables, workerUrl, engine, budgetSeconds })
  const threads = { threads: flags.threads, workers: flags.workers, cores: availableParallelism() }
  const prediction = predictRun(measures, pipeline.training, threads)
  return { prediction, measures, text: predictionText(measures, prediction, threads, engine.name) }
})

/**
 * `semmim explain PIPELINE`: describes a pipeline and its cost; with `--data`, also the time and memory of its run on this
 * machine.
 */
export const explain = (tables: CliTables) =>
  Command.make(
    "explain",
    flags,
    Effect.fn("cli.explain")(function* ({ json, settings, graph, ...given }) {
      const { pipeline, tables: known, files } = yield* pipelineOf(given, tables)
      if (settings) return yield* Console.log(listSettings(pipeline, json, known))
      if (graph) return yield* Console.log(mermaid(stepGraph(pipeline)))
      // Missing data does not prevent explaining the rest, unless it was asked about; settings that do not fit the data do.
      const state = yield* Effect.catchIf(
        cacheState(pipeline, given.cache, known),
        (error) => error._tag !== "WiringError" && Option.isNone(given.data),
        (error) => Effect.succeed({ pipeline, cache: { samples: 0, stages: [], problem: error.message } })
      )
      const { cache } = state
      const explanation: Explanation = explained(state.pipeline, { ...measures, ...tables.measures })
      const run = Option.isSome(given.data) && !("problem" in cache) ? yield* predicted(pipeline, given, known, files) : undefined
      if (json) {
        const { prediction, measures } = run ?? {}
        yield* Console.log(JSON.stringify({ ...explanation, cache, ...(run ? { prediction, measures } : {}) }))
      } else yield* Console.log([explanationText(explanation, cache), ...(run ? ["", run.text] : [])].join("\n"))
    }, Effect.scoped)
  ).pipe(Command.withDescription("Says what a pipeline is: stages, fields, shapes, parameters, cost of a step, what is cached"))
