import { Effect } from "effect"
import type { Source } from "../data/source.ts"
import type { Environment } from "../run-folder/environment.ts"
import { readMetrics } from "../run-folder/metrics.ts"
import { evaluateTasks } from "../task/evaluate-tasks.ts"
import { type Evaluation, writeEvaluation } from "../task/evaluation.ts"
import type { TaskTable, TrainedModel } from "../task/task.ts"
import type { TaskData } from "../task/task-data.ts"
import { type ReportInputs, writeReport } from "./gather.ts"

/** A trained model, the run's folder, and the evaluation data. */
export interface Conclusion extends TrainedModel, Pick<ReportInputs, "run" | "expected"> {
  readonly step: number
  /** Evaluation data of the tasks; tasks without data are not evaluated. */
  readonly data: TaskData
  /** Training data: shown where nothing is held out, and credited. */
  readonly trained: Source
  readonly tasks: TaskTable
  /** Environment of the evaluation, and its description in the report. */
  readonly environment: Environment
  readonly facts: (peakBytes: number | undefined) => ReportInputs["environment"]
}

/** Result of a run: `failed` holds the tasks that could not be evaluated. */
export interface Concluded {
  readonly evaluation: Evaluation | undefined
  /** Path of the report. */
  readonly report: string
}

/**
 * Ends a run: evaluates its model, task by task, and writes evaluation.json and report.html. The failure of a task is noted in
 * both and prevents neither; `failureOf` converts it to an error. Errors are those of the report.
 */
export const concludeRun = Effect.fn("report.concludeRun")(function* (inputs: Conclusion) {
  const { run, data, trained, tasks, facts } = inputs
  const evaluated = data.size > 0 ? yield* evaluateTasks(inputs, data, yield* readMetrics(run), tasks) : undefined
  if (evaluated) yield* writeEvaluation(run, evaluated.evaluation)
  const source = evaluated?.source ?? trained
  const { peakBytes } = yield* inputs.session.usage
  const report = yield* writeReport({ ...inputs, source, credits: trained.credits, environment: facts(peakBytes) })
  return { evaluation: evaluated?.evaluation, report } satisfies Concluded
})
