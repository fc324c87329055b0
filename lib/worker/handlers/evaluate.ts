import { join } from "node:path"
import { Effect, FileSystem, Schema } from "effect"
import type { EvaluateJob } from "../../job/job.ts"
import { jobKey } from "../../job/job-key.ts"
import { keys } from "../../job/keys.ts"
import { closingJob } from "../../job/open-round.ts"
import { OutputRecord, putRecord, readContent, readRecord } from "../../job/records.ts"
import { valuesOf } from "../../pipeline/samples.ts"
import { concludeRun } from "../../report/conclude-run.ts"
import { environmentPairs } from "../../report/gather-facts.ts"
import { environmentOf } from "../../run-folder/environment.ts"
import { metricsFile } from "../../run-folder/metrics.ts"
import { writeAtomically } from "../../store/atomic.ts"
import { storeError } from "../../store/store-error.ts"
import { metricsOf } from "../../task/evaluation.ts"
import { definitionOf } from "../../task/task.ts"
import { dataName, measuredTasks, openTaskData } from "../../task/task-data.ts"
import { roundSpans } from "../../train/rounds/round-spans.ts"
import type { JobContext, JobHandler } from "../handler.ts"
import type { HandlerConfig } from "./config.ts"
import type { Latest } from "./latest.ts"
import { openCheckpointModel } from "./model.ts"
import { checkSource } from "./sources.ts"

/** Processors in the record of a merged round; absent in records of older versions. */
const Merged = Schema.Struct({ processors: Schema.Array(Schema.String) })

/** Returns the metrics of all rounds, as those of one run, and the kinds of processors that computed them. */
const roundsOf = Effect.fnUntraced(function* ({ submission, pipeline }: JobContext) {
  const { name, digest, rounds } = submission
  const numbers = roundSpans(pipeline.training, rounds).keys()
  const all = yield* Effect.forEach(
    numbers,
    Effect.fnUntraced(function* (round) {
      const output = yield* readRecord(keys.done(name, jobKey(digest, closingJob(round))), OutputRecord)
      const file = output?.files["metrics"]
      const metrics = file ? new TextDecoder().decode(yield* readContent(name, file.sha256)) : ""
      const merged = Schema.decodeUnknownOption(Merged)(output?.result)
      return { metrics, processors: merged._tag === "Some" ? merged.value.processors : [] }
    }),
    { concurrency: 8 }
  )
  return {
    metrics: all.map(({ metrics }) => metrics).join(""),
    processors: [...new Set(all.flatMap(({ processors }) => processors))].sort()
  }
})

/** Evaluates a checkpoint on its pipeline's tasks, and writes the report, as `semmim run` does at its end. */
export const evaluateHandler = <A>(config: HandlerConfig, machine: Latest<A>): JobHandler<EvaluateJob> => ({
  limitSeconds: 6 * 3600,
  run: Effect.fn("job.evaluate")(function* (job, context) {
    const { pipeline } = context
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "semmim-evaluate-" })
    const { metrics, processors } = yield* roundsOf(context)
    yield* writeAtomically(metricsFile(folder), metrics)
    const evaluated = Effect.gen(function* () {
      const { tables, keepCompiled, ...model } = yield* openCheckpointModel(job.checkpoint, context, config)
      const table = config.tables.tasks
      const wanted = measuredTasks(pipeline, table)
      for (const task of wanted) {
        const name = dataName(pipeline, definitionOf(table, task), task)
        if (name !== null) yield* checkSource(name, config)
      }
      const { evaluation } = yield* concludeRun({
        ...model,
        run: folder,
        data: yield* openTaskData(pipeline, wanted, table, tables.openSource),
        trained: yield* tables.openSource(pipeline.source.train, valuesOf(pipeline.source)),
        tasks: table,
        environment: environmentOf(model.engine, config.threads),
        facts: (peakBytes) => [
          ...environmentPairs(model.engine, config.threads, peakBytes),
          ...(processors.length > 0 ? [["trained by workers on", processors.join(", ")] as const] : [])
        ]
      })
      yield* keepCompiled
      return { step: model.step, metrics: evaluation ? metricsOf(evaluation) : {}, failed: evaluation?.failed ?? {}, processors }
    })
    const result = yield* machine.without(Effect.scoped(evaluated))
    const names = (yield* fs.readDirectory(folder)).filter((name) => !name.startsWith("."))
    const files = yield* Effect.forEach(names.sort(), (name) =>
      Effect.map(fs.readFile(join(folder, name)), (bytes) => [name, bytes] as const)
    ).pipe(Effect.mapError(storeError(folder)))
    return { files: Object.fromEntries(files), result: JSON.parse(JSON.stringify({ ...result, checkpoint: job.checkpoint })) }
  }),
  followUp: (_, { submission, key }) => Effect.asVoid(putRecord(keys.finished(submission.name), { evaluation: key }))
})
