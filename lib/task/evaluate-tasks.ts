import { Cause, Effect, Exit } from "effect"
import type { Source } from "../data/source.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { Task } from "../pipeline/task.ts"
import type { Environment } from "../run-folder/environment.ts"
import type { MetricsLine } from "../run-folder/metrics.ts"
import { EvaluateError } from "./evaluate-error.ts"
import type { Evaluation } from "./evaluation.ts"
import { testSamples, validationOf } from "./held-out.ts"
import { definitionOf, type Measured, reasonOf, type TaskTable, type TrainedModel } from "./task.ts"
import { measuredTasks, type TaskData } from "./task-data.ts"

/** Defaults of evaluating tasks: the student's weights, and the batch size. */
export const usual = { who: "student", batch: 64 } as const

/**
 * Evaluates a trained model on a pipeline's tasks as a run does at its end: each on its own number of samples of its data, with
 * one text per sample. A task that fails does not prevent the others. Also returns the samples of the first task.
 */
export const evaluateTasks = Effect.fn("task.evaluateTasks")(function* (
  model: TrainedModel & { readonly environment: Environment },
  data: TaskData,
  metrics: readonly MetricsLine[],
  table: TaskTable
) {
  const { pipeline, environment, step } = model
  const measured: { [task: string]: Measured } = {}
  const failed: { [task: string]: string } = {}
  const sources: Source[] = []
  for (const task of measuredTasks(pipeline, table)) {
    const definition = definitionOf(table, task)
    const whole = data.get(task.task)
    if (!whole) continue
    const source = testSamples(whole, pipeline, definition.samples(task))
    sources.push(source)
    const measuring = definition.measure({ ...model, ...usual, source, whole, captions: 1, metrics }, task)
    const exit = yield* Effect.exit(measuring)
    if (Exit.isSuccess(exit)) measured[task.task] = exit.value
    else if (Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.interrupt
    else failed[task.task] = reasonOf(task.task, Cause.squash(exit.cause))
  }
  const evaluation: Evaluation = {
    model: { pipeline: pipeline.name, weights: usual.who, step },
    environment,
    measured,
    failed
  }
  return { source: sources[0], evaluation }
})

/** Returns the failure of tasks as an error: the first failed task and the reason; undefined where all were evaluated. */
export const failureOf = ({ failed }: Pick<Evaluation, "failed">): EvaluateError | undefined => {
  const [first, ...others] = Object.entries(failed)
  if (!first) return undefined
  const more = others.map(([task, reason]) => `; ${task}: ${reason}`).join("")
  return new EvaluateError({ task: first[0], reason: `${first[1]}${more}` })
}

/** Lines of an evaluation for a terminal, task by task. */
export const evaluationLines = ({ measured }: Pick<Evaluation, "measured">, table: TaskTable): readonly string[] =>
  Object.entries(measured).flatMap(([task, found]) => table[task]?.text(found) ?? [])

/** Number of held-out samples of a validation, small enough to repeat during training. */
const validationSamples = 100

/**
 * Returns the validation data of each task during training, and the reason for each task of which no samples are left beside the
 * test samples.
 */
export const validationSources = (pipeline: Pipeline, data: TaskData, table: TaskTable) => {
  const sources = new Map<Task, Source>()
  const lacks: string[] = []
  for (const task of measuredTasks(pipeline, table)) {
    const samples = definitionOf(table, task).samples(task)
    const whole = data.get(task.task)
    const found = whole
      ? validationOf(whole, pipeline, samples, validationSamples)
      : { lacks: `${pipeline.name} has no held-out data` }
    if ("source" in found) sources.set(task, found.source)
    else lacks.push(`${task.task}: ${found.lacks}`)
  }
  return { sources, lacks }
}

/**
 * Evaluates tasks on validation samples during training; returns metrics as `TASK.metric`, and one message for each task that
 * failed.
 */
export const validateTasks = Effect.fn("task.validateTasks")(function* (
  model: TrainedModel,
  sources: ReadonlyMap<Task, Source>,
  table: TaskTable
) {
  const found: { [metric: string]: number } = {}
  const failed: string[] = []
  for (const [task, source] of sources) {
    const inputs = { ...model, ...usual, source, whole: source, captions: 1, metrics: [] }
    const result = yield* Effect.result(definitionOf(table, task).validate(inputs, task))
    if (result._tag === "Success") Object.assign(found, result.success)
    else failed.push(`${task.task}: ${reasonOf(task.task, result.failure)}`)
  }
  return { metrics: found, failed }
})
