import { evaluationLines } from "../task/evaluate-tasks.ts"
import { type Evaluation, metricsOf } from "../task/evaluation.ts"
import type { TaskTable } from "../task/task.ts"

/** Formats the result of a run: the text of its tasks, and the path of its report. */
export const resultText = (
  result: { readonly folder: string; readonly report: string; readonly evaluation: Evaluation | undefined },
  tasks: TaskTable,
  json: boolean
): string => {
  const { folder, report, evaluation } = result
  if (json) return JSON.stringify({ folder, report, ...(evaluation ? metricsOf(evaluation) : {}) })
  return [...(evaluation ? evaluationLines(evaluation, tasks) : []), `report: ${report}`].join("\n")
}
