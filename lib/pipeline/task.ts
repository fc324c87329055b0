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

/** A task that a pipeline's model is evaluated on, as a value: its name in the table of tasks, and its settings. */
export interface Task<Name extends string = string, Reads extends Fields = Fields> {
  readonly task: Name
  readonly settings: Json
  /** Batched fields of the pipeline that it reads. */
  readonly reads: Reads
  /** Stages of its own, which start from batched fields of the pipeline, e.g. what scores a pair of encoded image and text. */
  readonly chain: Stages
}

/** What the loader makes a kind of task from: a row of the table of tasks (`TaskDefinition` in lib/task adds what it does). */
export interface TaskFactory {
  readonly name: string
  readonly settings: SettingsSchema
  /** Names that its settings had before, as paths of `--set`, and the settings that they are now. */
  readonly formerly?: { readonly [path: string]: string }
  readonly make: (settings: unknown, chain?: Stages) => Task
}

/** The kinds of tasks by name. */
export interface TaskFactories {
  readonly [name: string]: TaskFactory
}

type Fault<F extends Fields, K extends Kind, T extends Task> = Fits<
  K extends "host" ? Batched<F> : F,
  "tensor",
  TensorStage<T["task"], T["reads"], Record<never, never>>
>

/** The task itself where the pipeline has the fields that it reads; otherwise the sentences that a stage would have. */
export type FitsTask<F extends Fields, K extends Kind, T extends Task> = [Fault<F, K, T>] extends [string] ? Fault<F, K, T> : T

/** The same sentence at run time, or undefined: a field that a task or its chain reads and the pipeline does not have. */
export const taskFault = (fields: Fields, kind: Kind, tasks: readonly Task[], task: Task): string | undefined => {
  const seen = kind === "host" ? batched(fields) : fields
  const reader = { kind: "tensor", stage: task.task, reads: { ...task.chain.start, ...task.reads }, adds: {} } as const
  if (tasks.some((other) => other.task === task.task)) return `'${task.task}' is evaluated already; a pipeline has each task once`
  return faults(seen, "tensor", reader)[0]
}

/** The stages that tasks have of their own, in order. */
export const taskStages = ({ tasks }: { readonly tasks: readonly Task[] }): readonly Stage[] =>
  tasks.flatMap(({ chain }) => chain.stages)

/** The same pipeline with each of its stages, those of its tasks too, replaced by another. */
export const withStages = <P extends { readonly stages: readonly Stage[]; readonly tasks: readonly Task[] }>(
  pipeline: P,
  replace: (stage: Stage) => Stage
): P => ({
  ...pipeline,
  stages: pipeline.stages.map(replace),
  tasks: pipeline.tasks.map((task) => ({ ...task, chain: { ...task.chain, stages: task.chain.stages.map(replace) } }))
})

/** The names of the fields that tasks' own stages start from. */
export const taskStates = ({ tasks }: { readonly tasks: readonly Task[] }): readonly string[] => [
  ...new Set(tasks.flatMap(({ chain }) => Object.keys(chain.start)))
]
