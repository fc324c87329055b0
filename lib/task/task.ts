import { type Effect, Schema } from "effect"
import type { ReadyStage } from "../data/host/ready-stage.ts"
import type { Source } from "../data/source.ts"
import type { EngineError, EngineSession } from "../engine/engine.ts"
import { oneLine } from "../error/one-line.ts"
import type { Markup } from "../html/markup.ts"
import type { Layout } from "../model/layout.ts"
import type { SampleError } from "../pipeline/errors.ts"
import type { Expected } from "../pipeline/expected.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { Json } from "../pipeline/stage.ts"
import type { Stages, Task, TaskFactory } from "../pipeline/task.ts"
import type { TrainedSet } from "../pipeline/weight-set.ts"
import type { MetricsLine } from "../run-folder/metrics.ts"
import type { Fields } from "../tensor/field.ts"
import type { EvaluateError } from "./evaluate-error.ts"

/** A trained model, opened for running. */
export interface TrainedModel {
  /** A session whose buffers `student` and `teacher` hold the parameters, e.g. a training run's. */
  readonly session: EngineSession
  readonly pipeline: Pipeline
  readonly layout: Layout
  /** The pipeline's host stages. */
  readonly host: readonly ReadyStage[]
  readonly step: number | null
}

/** Context of an evaluation after the model's run, on any data. */
export interface AfterRun {
  /** Choice that the task made for exactly these weights (`TaskSpec.choice`), as recorded by a run or an exported model. */
  readonly recorded: Json | undefined
  /** The pipeline's held-out data; fails with the reason why they are not available. */
  readonly heldOut: Effect.Effect<Source, { readonly message: string }>
}

/** A model, the weight set to use, and the data that a task evaluates it on. */
export interface TaskInputs extends TrainedModel {
  readonly who: TrainedSet
  /** Batch size. */
  readonly batch: number
  readonly source: Source
  /** All the data that `source` is a part of: in a run, the pipeline's held-out data or the task's own. */
  readonly whole: Source
  /** Maximum number of texts per sample; all by default. */
  readonly captions?: number
  /** Lines of the training's metrics, as far as they are known. */
  readonly metrics: readonly MetricsLine[]
  /** Absent at the end of a run, which evaluates its own held-out samples. */
  readonly afterRun?: AfterRun
}

export type TaskFailure = EvaluateError | EngineError | SampleError

/** Fields that every task records besides its metrics. */
export const Details = Schema.Struct({
  data: Schema.Struct({ name: Schema.String, digest: Schema.String }),
  seconds: Schema.Finite,
  skipped: Schema.Array(Schema.Struct({ id: Schema.String, reason: Schema.String })),
  /** Notes that a reader of the metrics should know. */
  notes: Schema.optionalKey(Schema.Array(Schema.String))
})
export type Details = typeof Details.Type

/** Result of a task: its entry in evaluation.json, and its details. */
export interface Outcome<M, X> {
  readonly metrics: M
  readonly details: X
  readonly skipped: Details["skipped"]
  readonly notes?: readonly string[]
}

/** A measurement as passed to a task's own section and texts. */
export interface Measurement<M, X> extends Details {
  readonly metrics: M
  readonly details: X
}

/** Context in which a section of a report is rendered. */
export interface SectionContext {
  readonly weights: TrainedSet
  /** Data URIs of the images that the task shows, by sample id. */
  readonly images: ReadonlyMap<string, string>
  /** Metrics of runs with several seeds. */
  readonly expected?: Expected | undefined
}

/** A headline number: its value, its name, and a note. */
export interface Figure {
  readonly value: string
  readonly name: string
  readonly note?: string
}

/**
 * Definition of a kind of task, in its own types. `defineTask` makes a row of the table of tasks from it; no other code knows the
 * task by name.
 */
export interface TaskSpec<Name extends string, R extends Fields, S, M, X> {
  readonly name: Name
  /** One-line description of what the task measures. */
  readonly summary: string
  readonly settings: Schema.Codec<S, unknown>
  readonly formerly?: TaskFactory["formerly"]
  /** Batched fields of the pipeline that it reads. */
  readonly reads: R
  /** Fields of its evaluation samples, besides `id` and `group`. */
  readonly sampleFields: Fields
  /** Name of the setting that holds the number of samples that a run evaluates; 0 for none. */
  readonly samples: keyof S & string
  /** Name of the setting that names the task's own data; where it is null, the pipeline's held-out data are used. */
  readonly data?: keyof S & string
  readonly metrics: Schema.Codec<M, unknown>
  readonly details: Schema.Codec<X, unknown>
  readonly evaluate: (inputs: TaskInputs, settings: S, chain: Stages) => Effect.Effect<Outcome<M, X>, TaskFailure>
  /** Metrics to choose a checkpoint by, quick to compute on few samples; logged as `NAME.metric`. */
  readonly validate: (
    inputs: TaskInputs,
    settings: S,
    chain: Stages
  ) => Effect.Effect<{ readonly [metric: string]: number }, TaskFailure>
  /** Lines for a terminal. */
  readonly text: (measured: Measurement<M, X>) => readonly string[]
  /** Markdown for a model card. */
  readonly card: (measured: Measurement<M, X>) => string
  readonly figures: (measured: Measurement<M, X>, context: SectionContext) => readonly Figure[]
  readonly section: (measured: Measurement<M, X>, context: SectionContext) => Markup
  /** Ids of the samples whose images its section shows. */
  readonly shows?: (measured: Measurement<M, X>) => readonly string[]
  /** Choice that it made on validation data, stored with an exported model. */
  readonly choice?: (metrics: M) => Json | undefined
}

/** A measurement as data: the task's entry in evaluation.json, and its entry in `details`. */
export interface Measured {
  readonly metrics: Json
  readonly details: Json
}

/** A row of the table of tasks: a kind of task with its types erased. */
export interface TaskDefinition<Name extends string = string, R extends Fields = Fields> extends TaskFactory {
  readonly name: Name
  readonly summary: string
  readonly make: (settings: unknown, chain?: Stages) => Task<Name, R>
  /** Path of the setting that holds the number of held-out samples that a run evaluates, and that number. */
  readonly samples: (task: Task) => { readonly setting: string; readonly count: number }
  readonly sampleFields: Fields
  /** Name of its evaluation data, where they are not the pipeline's held-out data. */
  readonly data: (task: Task) => string | undefined
  readonly measure: (inputs: TaskInputs, task: Task) => Effect.Effect<Measured, TaskFailure>
  readonly validate: (inputs: TaskInputs, task: Task) => Effect.Effect<{ readonly [metric: string]: number }, TaskFailure>
  /** Throws for data that are not a measurement of this task. */
  readonly view: (measured: Measured) => Details
  readonly text: (measured: Measured) => readonly string[]
  readonly card: (measured: Measured) => string
  readonly figures: (measured: Measured, context: SectionContext) => readonly Figure[]
  readonly section: (measured: Measured, context: SectionContext) => Markup
  readonly shows: (measured: Measured) => readonly string[]
  readonly choice: (measured: Measured) => Json | undefined
}

/** Kinds of tasks by name. */
export interface TaskTable {
  readonly [name: string]: TaskDefinition
}

/** Returns the row of a pipeline's task; pipelines can only have tasks that are in the table. */
export const definitionOf = (tasks: TaskTable, { task }: Task): TaskDefinition => tasks[task]!

/** Returns the reason of a failure in one line, without the name of its task. */
export const reasonOf = (task: string, error: unknown): string => {
  const line = oneLine(error)
  return line.startsWith(`${task}: `) ? line.slice(task.length + 2) : line
}
