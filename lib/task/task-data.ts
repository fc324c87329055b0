import { Effect } from "effect"
import type { OpenSource } from "../data/host/host-context.ts"
import type { Source } from "../data/source.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { Task } from "../pipeline/task.ts"
import { definitionOf, type TaskDefinition, type TaskTable } from "./task.ts"

/** Evaluation data of each task, by the task's name. */
export type TaskData = ReadonlyMap<string, Source>

/** Returns the tasks of a pipeline that a run evaluates at its end. */
export const measuredTasks = ({ tasks }: Pipeline, table: TaskTable): readonly Task[] =>
  tasks.filter((task) => definitionOf(table, task).samples(task).count > 0)

/** Returns the name of a task's evaluation data: its own, or the pipeline's held-out data; null where there are none. */
export const dataName = ({ source }: Pipeline, definition: TaskDefinition, task: Task): string | null =>
  definition.data(task) ?? source.heldOut

/** Opens the data of some tasks of a pipeline; tasks without data are omitted. Errors: those of `openSource`. */
export const openTaskData = Effect.fn("task.openTaskData")(function* (
  pipeline: Pipeline,
  tasks: readonly Task[],
  table: TaskTable,
  openSource: OpenSource
) {
  const opened = new Map<string, Source>()
  for (const task of tasks) {
    const definition = definitionOf(table, task)
    const name = dataName(pipeline, definition, task)
    if (name !== null) opened.set(task.task, yield* openSource(name, definition.sampleFields))
  }
  return opened as TaskData
})
