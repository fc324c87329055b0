import { Effect } from "effect"
import type { Source } from "../data/source.ts"
import type { Environment } from "../run-folder/environment.ts"
import { readMetrics } from "../run-folder/metrics.ts"
import { evaluateTasks } from "../task/evaluate-tasks.ts"
import { type Evaluation, writeEvaluation } from "../task/evaluation.ts"
import type { TaskTable, TrainedModel } from "../task/task.ts"
import type { TaskData } from "../task/task-data.ts"
import { type ReportInputs, writeReport } from "./gather.ts"

/** A trained model, the run's folder, and the data that it is measured on. */
export interface Conclusion extends TrainedModel, Pick<ReportInputs, "run" | "expected"> {
  readonly step: number
  /** The data that tasks are measured on; tasks without any are not measured. */
  readonly data: TaskData
  /** The training data: shown where nothing is held out, and credited. */
  readonly trained: Source
  readonly tasks: TaskTable
  /** Where the tasks are computed, and the same in words for the report. */
  readonly environment: Environment
  readonly facts: (peakBytes: number | undefined) => ReportInputs["environment"]
}

/** What a run ends with: `failed` says which tasks could not be measured. */
export interface Concluded {
  readonly evaluation: Evaluation | undefined
  /** The report's path. */
  readonly report: string
}

/**
 * Ends a run: measures its model, task by task, and writes evaluation.json and report.html. A task that fails is
 * said in both, and costs neither; `failureOf` makes an error of it. Errors are those of the report.
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
