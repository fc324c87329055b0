import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { sayIssues } from "../../data/say-issues.ts"
import { oneLine } from "../../error/one-line.ts"
import { UsageError } from "../../error/usage-error.ts"
import { overridden } from "../../pipeline/override.ts"
import { type Pipeline, pipelineWith } from "../../pipeline/pipeline.ts"
import { environmentOf } from "../../run-folder/environment.ts"
import { evaluationLines } from "../../task/evaluate-tasks.ts"
import { metricsOf, writeEvaluation } from "../../task/evaluation.ts"
import { heldOutKey } from "../../task/held-out.ts"
import { someOf } from "../../task/subset.ts"
import type { TaskDefinition } from "../../task/task.ts"
import { dataName } from "../../task/task-data.ts"
import { afterRun, metricsUpTo } from "../after-run.ts"
import { cacheFlag, jsonFlag, setFlag } from "../flags.ts"
import { modelFlag, modelFlags } from "../model-flags.ts"
import { modelOf, openedModel } from "../model-of.ts"
import { tablesOf } from "../pipeline-of.ts"
import type { CliTables } from "../tables.ts"
import { wholeFlag } from "../whole-flag.ts"

const flagsOf = (tasks: CliTables["tasks"]) => ({
  task: Argument.String("task").pipe(
    Argument.withDescription(
      `What to measure: ${Object.values(tasks)
        .map(({ name, summary }) => `${name} (${summary})`)
        .join("; ")}`
    )
  ),
  model: modelFlag,
  data: Flag.String("data").pipe(
    Flag.withMetavar("SOURCE"),
    Flag.withDescription("What to measure it on; the pipeline's held-out data unless given"),
    Flag.optional
  ),
  limit: wholeFlag("limit", 1).pipe(Flag.withDescription("The most samples, drawn by the pipeline's seed"), Flag.optional),
  captions: wholeFlag("captions", 1).pipe(Flag.withDescription("The most captions of each sample"), Flag.optional),
  set: setFlag.pipe(Flag.withDescription("Changes a setting of the task: candidates=8; explain --settings lists all")),
  out: Flag.String("out").pipe(Flag.withMetavar("DIR"), Flag.withDescription("Where to write evaluation.json"), Flag.optional),
  ...modelFlags,
  cache: cacheFlag,
  json: jsonFlag
})

/**
 * Returns a pipeline with a task, whose settings are the pipeline's own or the defaults of its definition, with changes such as
 * `candidates=8`.
 */
const withTask = (pipeline: Pipeline, { name, make }: TaskDefinition, sets: readonly string[], tables: CliTables): Pipeline => {
  const has = pipeline.tasks.some(({ task }) => task === name)
  const paths = sets.map((set) => (set.startsWith(`${name}.`) ? set : `${name}.${set}`))
  return overridden(has ? pipeline : pipelineWith(pipeline, make({})), paths, tables)
}

/** `semmim evaluate TASK --model DIR`: evaluates a trained model on a task, on any data. */
export const evaluate = (common: CliTables) =>
  Command.make(
    "evaluate",
    flagsOf(common.tasks),
    Effect.fn("cli.evaluate")(function* (given) {
      const tables = yield* tablesOf(given.stages, common)
      const definition = Object.hasOwn(tables.tasks, given.task) ? tables.tasks[given.task] : undefined
      if (!definition)
        return yield* new UsageError({
          problem: `evaluate: there is no task '${given.task}', only ${Object.keys(tables.tasks).sort().join(", ")}`
        })
      const { weights: who, batch } = given
      const found = yield* modelOf(given.model, who, given.step, tables)
      const pipeline = yield* Effect.try({
        try: () => withTask(found.pipeline, definition, given.set, tables),
        catch: (cause) => (cause instanceof UsageError ? cause : new UsageError({ problem: `evaluate: ${oneLine(cause)}` }))
      })
      const model = { ...found, pipeline }
      const own = pipeline.tasks.find((each) => each.task === definition.name)!
      const name = Option.getOrElse(given.data, () => dataName(pipeline, definition, own))
      if (name === null)
        return yield* new UsageError({ problem: `evaluate: ${pipeline.name} has no held-out data; expected --data SOURCE` })
      const whole = yield* tables.openSource(name, definition.sampleFields)
      yield* sayIssues(whole)
      const limit = Option.getOrElse(given.limit, () => whole.count)
      const place = { folder: given.model, model, who }
      const measuring = Effect.gen(function* () {
        const opened = yield* openedModel(model, given, tables)
        const inputs = {
          ...{ ...opened, step: model.step, who, batch },
          ...{ source: someOf(whole, limit, heldOutKey(pipeline)), whole },
          ...(Option.isSome(given.captions) ? { captions: given.captions.value } : {}),
          metrics: yield* metricsUpTo(place),
          afterRun: yield* afterRun(place, whole, definition, tables)
        }
        return { engine: opened.engine, measured: { [definition.name]: yield* definition.measure(inputs, own) } }
      })
      const { engine, measured } = yield* Effect.scoped(measuring)
      const evaluation = {
        model: { pipeline: pipeline.name, weights: who, step: model.step },
        environment: environmentOf(engine, given.threads),
        ...{ measured, failed: {} }
      }
      if (Option.isSome(given.out)) yield* writeEvaluation(given.out.value, evaluation)
      yield* Console.log(
        given.json ? JSON.stringify(metricsOf(evaluation)) : evaluationLines(evaluation, tables.tasks).join("\n")
      )
    })
  ).pipe(Command.withDescription("Measures a trained model"))
