import { Effect, Schema } from "effect"
import type { ReadyStage } from "../data/host/ready-stage.ts"
import type { Source } from "../data/source.ts"
import type { EngineError, EngineSession } from "../engine/engine.ts"
import { oneLine } from "../error/one-line.ts"
import type { Markup } from "../html/markup.ts"
import type { Layout } from "../model/layout.ts"
import type { SampleError } from "../pipeline/errors.ts"
import type { Expected } from "../pipeline/expected.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { checkSettings } from "../pipeline/settings.ts"
import type { Json } from "../pipeline/stage.ts"
import { noStages, type Stages, type Task, type TaskFactory } from "../pipeline/task.ts"
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

/** What is known where a model is evaluated after its run, on any data. */
export interface AfterRun {
  /** What the task chose for these very weights (`TaskSpec.choice`), as a run or an exported model recorded it. */
  readonly recorded: Json | undefined
  /** The pipeline's held-out data, or in words why it cannot be had. */
  readonly heldOut: Effect.Effect<Source, { readonly message: string }>
}

/** A model, whose weights of it, and the data that a task measures it on. */
export interface TaskInputs extends TrainedModel {
  readonly who: TrainedSet
  /** How many samples are run at a time. */
  readonly batch: number
  readonly source: Source
  /** All the data that `source` is taken from: in a run, the pipeline's held-out data or the task's own. */
  readonly whole: Source
  /** The most texts taken of each sample; all unless given. */
  readonly captions?: number
  /** The lines of the training's metrics, as far as they are known. */
  readonly metrics: readonly MetricsLine[]
  /** Not given at the end of a run, whose own held-out samples are measured. */
  readonly afterRun?: AfterRun
}

export type TaskFailure = EvaluateError | EngineError | SampleError

/** What every task says of a measurement besides its metrics. */
export const Details = Schema.Struct({
  data: Schema.Struct({ name: Schema.String, digest: Schema.String }),
  seconds: Schema.Finite,
  skipped: Schema.Array(Schema.Struct({ id: Schema.String, reason: Schema.String })),
  /** Sentences that whoever looks at the metrics should know. */
  notes: Schema.optionalKey(Schema.Array(Schema.String))
})
export type Details = typeof Details.Type

/** What a task has measured: its entry in evaluation.json, and the details that stand there beside it. */
export interface Outcome<M, X> {
  readonly metrics: M
  readonly details: X
  readonly skipped: Details["skipped"]
  readonly notes?: readonly string[]
}

/** A measurement as a task's own report and texts see it. */
export interface Measurement<M, X> extends Details {
  readonly metrics: M
  readonly details: X
}

/** What a section of a report is shown with. */
export interface SectionContext {
  readonly weights: TrainedSet
  /** Data URIs of the images that the task wants to show, by sample id. */
  readonly images: ReadonlyMap<string, string>
  /** What runs with several seeds came to. */
  readonly expected?: Expected | undefined
}

/** A number that one looks for first: its value, what it is, and a remark. */
export interface Figure {
  readonly value: string
  readonly name: string
  readonly note?: string
}

/**
 * A kind of task: all that is known of it, in its own types. `defineTask` makes of it a row of the table of tasks; nothing else knows
 * it by name.
 */
export interface TaskSpec<Name extends string, R extends Fields, S, M, X> {
  readonly name: Name
  /** What it measures, in a line. */
  readonly summary: string
  readonly settings: Schema.Codec<S, unknown>
  readonly formerly?: TaskFactory["formerly"]
  /** Batched fields of the pipeline that it reads. */
  readonly reads: R
  /** Fields of the samples that it is measured on, beside `id` and `group`. */
  readonly sampleFields: Fields
  /** The setting that says how many of them a run measures; 0 for none. */
  readonly samples: keyof S & string
  /** The setting that names data of its own, where that is not null; else it is measured on the pipeline's held-out data. */
  readonly data?: keyof S & string
  readonly metrics: Schema.Codec<M, unknown>
  readonly details: Schema.Codec<X, unknown>
  readonly evaluate: (inputs: TaskInputs, settings: S, chain: Stages) => Effect.Effect<Outcome<M, X>, TaskFailure>
  /** Metrics to choose a checkpoint by, quick to measure on few samples; they are logged as `NAME.metric`. */
  readonly validate: (
    inputs: TaskInputs,
    settings: S,
    chain: Stages
  ) => Effect.Effect<{ readonly [metric: string]: number }, TaskFailure>
  /** Lines for a terminal. */
  readonly text: (measured: Measurement<M, X>) => readonly string[]
  /** Markdown for a model's card. */
  readonly card: (measured: Measurement<M, X>) => string
  readonly figures: (measured: Measurement<M, X>, context: SectionContext) => readonly Figure[]
  readonly section: (measured: Measurement<M, X>, context: SectionContext) => Markup
  /** The ids of samples whose images its section shows. */
  readonly shows?: (measured: Measurement<M, X>) => readonly string[]
  /** What it chose on validation data, which an exported model carries along. */
  readonly choice?: (metrics: M) => Json | undefined
}

/** A measurement as data: the task's entry in evaluation.json, and what stands under its name in `details`. */
export interface Measured {
  readonly metrics: Json
  readonly details: Json
}

/** A kind of task, of whose types nothing is known: a row of the table of tasks. */
export interface TaskDefinition<Name extends string = string, R extends Fields = Fields> extends TaskFactory {
  readonly name: Name
  readonly summary: string
  readonly make: (settings: unknown, chain?: Stages) => Task<Name, R>
  /** The setting, by its path, that says how many held-out samples a run measures, and how many those are. */
  readonly samples: (task: Task) => { readonly setting: string; readonly count: number }
  readonly sampleFields: Fields
  /** The name of the data that it is measured on, where those are not the pipeline's held-out data. */
  readonly data: (task: Task) => string | undefined
  readonly measure: (inputs: TaskInputs, task: Task) => Effect.Effect<Measured, TaskFailure>
  readonly validate: (inputs: TaskInputs, task: Task) => Effect.Effect<{ readonly [metric: string]: number }, TaskFailure>
  /** Throws where it is no measurement of this task. */
  readonly view: (measured: Measured) => Details
  readonly text: (measured: Measured) => readonly string[]
  readonly card: (measured: Measured) => string
  readonly figures: (measured: Measured, context: SectionContext) => readonly Figure[]
  readonly section: (measured: Measured, context: SectionContext) => Markup
  readonly shows: (measured: Measured) => readonly string[]
  readonly choice: (measured: Measured) => Json | undefined
}

/** The kinds of tasks by name. */
export interface TaskTable {
  readonly [name: string]: TaskDefinition
}

/** The row of a pipeline's task: a pipeline is only made with tasks that are in the table. */
export const definitionOf = (tasks: TaskTable, { task }: Task): TaskDefinition => tasks[task]!

/** A row of the table of tasks. Its settings are checked when a task is made; what was measured is checked when it is read. */
export const defineTask = <const Name extends string, const R extends Fields, S, M, X>(
  spec: TaskSpec<Name, R, S, M, X>
): TaskDefinition<Name, R> => {
  const { name } = spec
  const settingsOf = (task: Task): S => checkSettings(name, spec.settings, task.settings)
  const view = ({ metrics, details }: Measured): Measurement<M, X> => ({
    ...Schema.decodeUnknownSync(Details)(details),
    metrics: Schema.decodeUnknownSync(spec.metrics)(metrics),
    details: Schema.decodeUnknownSync(spec.details)(details)
  })
  const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value))
  return {
    name,
    summary: spec.summary,
    settings: spec.settings,
    ...(spec.formerly ? { formerly: spec.formerly } : {}),
    make: (settings, chain = noStages) => ({
      task: name,
      settings: asJson(checkSettings(name, spec.settings, settings)),
      reads: spec.reads,
      chain: { start: chain.start, stages: chain.stages }
    }),
    sampleFields: spec.sampleFields,
    data: (task) => {
      const named = spec.data === undefined ? null : settingsOf(task)[spec.data]
      return typeof named === "string" ? named : undefined
    },
    samples: (task) => ({ setting: `${name}.${spec.samples}`, count: Number(settingsOf(task)[spec.samples]) }),
    measure: Effect.fnUntraced(function* (inputs: TaskInputs, task: Task) {
      const start = performance.now()
      const { metrics, details, skipped, notes = [] } = yield* spec.evaluate(inputs, settingsOf(task), task.chain)
      const { name: data, digest } = inputs.source
      const common: Details = {
        data: { name: data, digest },
        seconds: (performance.now() - start) / 1000,
        skipped,
        ...(notes.length > 0 ? { notes } : {})
      }
      return {
        metrics: asJson(Schema.encodeSync(spec.metrics)(metrics)),
        details: asJson({ ...common, ...(Schema.encodeSync(spec.details)(details) as object) })
      }
    }),
    validate: (inputs, task) =>
      Effect.map(spec.validate(inputs, settingsOf(task), task.chain), (metrics) =>
        Object.fromEntries(Object.entries(metrics).map(([metric, value]) => [`${name}.${metric}`, value]))
      ),
    view,
    text: (measured) => [...spec.text(view(measured)), ...(view(measured).notes ?? [])],
    card: (measured) => spec.card(view(measured)),
    figures: (measured, context) => spec.figures(view(measured), context),
    section: (measured, context) => spec.section(view(measured), context),
    shows: (measured) => spec.shows?.(view(measured)) ?? [],
    choice: (measured) => spec.choice?.(view(measured).metrics)
  }
}

/** The reason of a failure in one line, without the name of its task. */
export const reasonOf = (task: string, error: unknown): string => {
  const line = oneLine(error)
  return line.startsWith(`${task}: `) ? line.slice(task.length + 2) : line
}
