import { type Batched, batched, type Fields } from "../tensor/field.ts"
import type { SettingsSchema } from "./settings.ts"
import type { Json, Stage, TensorStage } from "./stage.ts"
import { type Fits, faults, type Kind } from "./wiring.ts"

/** Stages in order, and the fields that they start from. */
export interface Stages {
  readonly start: Fields
  readonly stages: readonly Stage[]
}

export const noStages: Stages = { start: {}, stages: [] }

/** An evaluation task of a pipeline as a value: its name in the table of tasks, and its settings. */
export interface Task<Name extends string = string, Reads extends Fields = Fields> {
  readonly task: Name
  readonly settings: Json
  /** Batched fields of the pipeline that it reads. */
  readonly reads: Reads
  /** Its own stages, which start from batched fields of the pipeline, e.g. those that score a pair of encoded image and text. */
  readonly chain: Stages
}

/** Row of the table of tasks for the loader (`TaskDefinition` in lib/task adds the evaluation). */
export interface TaskFactory {
  readonly name: string
  readonly settings: SettingsSchema
  /** Former names of its settings, as `--set` paths, and the present settings. */
  readonly formerly?: { readonly [path: string]: string }
  readonly make: (settings: unknown, chain?: Stages) => Task
}

/** Kinds of tasks by name. */
export interface TaskFactories {
  readonly [name: string]: TaskFactory
}

type Fault<F extends Fields, K extends Kind, T extends Task> = Fits<
  K extends "host" ? Batched<F> : F,
  "tensor",
  TensorStage<T["task"], T["reads"], Record<never, never>>
>

/** The task itself where the pipeline has the fields that it reads; otherwise the messages that a stage would have. */
export type FitsTask<F extends Fields, K extends Kind, T extends Task> = [Fault<F, K, T>] extends [string] ? Fault<F, K, T> : T

/**
 * Returns the same message at run time: a field that a task or its chain reads and the pipeline does not have; undefined where
 * there is none.
 */
export const taskFault = (fields: Fields, kind: Kind, tasks: readonly Task[], task: Task): string | undefined => {
  const seen = kind === "host" ? batched(fields) : fields
  const reader = { kind: "tensor", stage: task.task, reads: { ...task.chain.start, ...task.reads }, adds: {} } as const
  if (tasks.some((other) => other.task === task.task)) return `'${task.task}' is evaluated already; a pipeline has each task once`
  return faults(seen, "tensor", reader)[0]
}

/** Returns the tasks' own stages, in order. */
export const taskStages = ({ tasks }: { readonly tasks: readonly Task[] }): readonly Stage[] =>
  tasks.flatMap(({ chain }) => chain.stages)

/** Returns the same pipeline with each of its stages replaced, those of its tasks included. */
export const withStages = <P extends { readonly stages: readonly Stage[]; readonly tasks: readonly Task[] }>(
  pipeline: P,
  replace: (stage: Stage) => Stage
): P => ({
  ...pipeline,
  stages: pipeline.stages.map(replace),
  tasks: pipeline.tasks.map((task) => ({ ...task, chain: { ...task.chain, stages: task.chain.stages.map(replace) } }))
})

/** Returns the names of the fields that tasks' own stages start from. */
export const taskStates = ({ tasks }: { readonly tasks: readonly Task[] }): readonly string[] => [
  ...new Set(tasks.flatMap(({ chain }) => Object.keys(chain.start)))
]
