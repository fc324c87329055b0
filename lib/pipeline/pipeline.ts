import { digest } from "../store/digest.ts"
import { batched, type Fields } from "../tensor/field.ts"
import { WiringError } from "./errors.ts"
import type { Expected } from "./expected.ts"
import { pipelineFormat } from "./pipeline-data.ts"
import { fieldNameFault, type PairValues, type SampleFields, type SourceData, sampleFields, valuesOf } from "./samples.ts"
import type { Binding, Json, Sizes, Stage } from "./stage.ts"
import { type FitsTask, type Stages, type Task, taskFault, taskStages } from "./task.ts"
import type { TrainSettings } from "./training-settings.ts"
import { prefixOf, type WeightSet } from "./weight-set.ts"
import { type Fits, faults, type Kind, nameFault, type Seen, sizeFault } from "./wiring.ts"
import { kindOf } from "./with-weights.ts"

export { type PairFields, pairFields, pairs, type SourceData } from "./samples.ts"

type Flat<T> = { readonly [N in keyof T]: T[N] }

/** A chain of stages, and the fields available after them. */
export interface Chain<F extends Fields, K extends Kind> extends Stages {
  readonly fields: F
  readonly sizes: Sizes
  /**
   * Adds a stage; one that does not fit is a compile-time error whose text is a message, and a `WiringError` with the same
   * message.
   */
  readonly pipe: <S extends Stage>(stage: Fits<Seen<F, K, S>, K, S>) => Chain<Flat<Seen<F, K, S> & S["adds"]>, S["kind"]>
}

const extend = (name: string, start: Fields, fields: Fields, kind: Kind, stages: readonly Stage[]): Chain<Fields, Kind> => ({
  stages,
  start,
  fields,
  sizes: Object.assign(Object.create(null), ...stages.map((stage) => stage.sizes)),
  pipe: (given) => {
    const stage = given as Stage // Fits is the stage itself, or a message with which the compiler has rejected it
    const seen = kind === "host" && stage.kind === "tensor" ? batched(fields) : fields
    const fault = faults(seen, kind, stage)[0] ?? sizeFault(stages, stage) ?? nameFault(stages, stage)
    if (fault !== undefined) throw new WiringError({ pipeline: name, problem: fault })
    return extend(name, start, { ...seen, ...stage.adds }, stage.kind, [...stages, stage]) as never
  }
})

/** Starts a chain of tensor stages from given fields, e.g. one that scores a pair of encoded image and text. */
export const chain = <F extends Fields>(fields: F): Chain<F, "tensor"> => extend("chain", fields, fields, "tensor", []) as never

/** A complete pipeline as a value: the input of run, explain, export and workers. */
export interface Pipeline {
  readonly name: string
  readonly source: SourceData<Fields>
  readonly stages: readonly Stage[]
  readonly fields: Fields
  readonly sizes: Sizes
  /** Evaluation tasks of the model, with unique names. */
  readonly tasks: readonly Task[]
  readonly training: TrainSettings
  /** Metrics of runs with several seeds. */
  readonly expected?: Expected
}

/** A pipeline under construction: a chain that accepts tasks and is closed by `train`. */
export interface PipelineChain<F extends Fields, K extends Kind> {
  readonly pipe: <S extends Stage>(stage: Fits<Seen<F, K, S>, K, S>) => PipelineChain<Flat<Seen<F, K, S> & S["adds"]>, S["kind"]>
  /**
   * Adds an evaluation task; one that reads a field which no stage adds is a compile-time error whose text is a message, and a
   * `WiringError` with the same message.
   */
  readonly evaluate: <T extends Task>(task: FitsTask<F, K, T>) => PipelineChain<F, K>
  /** Closes the pipeline with its training settings, and the metrics of runs with several seeds where they were measured. */
  readonly train: (settings: TrainSettings, expected?: Expected) => Pipeline
}

const writing = (
  name: string,
  source: SourceData<Fields>,
  stages: Chain<Fields, Kind>,
  kind: Kind,
  tasks: readonly Task[]
): PipelineChain<Fields, Kind> => ({
  pipe: (stage) =>
    writing(name, source, stages.pipe(stage as never) as unknown as Chain<Fields, Kind>, (stage as Stage).kind, tasks) as never,
  evaluate: (given) => {
    const task = given as Task // FitsTask is the task itself, or a message with which the compiler has rejected it
    const before = [...stages.stages, ...taskStages({ tasks })]
    const named = task.chain.stages.map((stage) => nameFault(before, stage)).find((fault) => fault !== undefined)
    const fault = taskFault(stages.fields, kind, tasks, task) ?? named
    if (fault !== undefined) throw new WiringError({ pipeline: name, problem: fault })
    return writing(name, source, stages, kind, [...tasks, task])
  },
  train: (training, expected) => ({
    name,
    source,
    stages: stages.stages,
    fields: stages.fields,
    sizes: stages.sizes,
    tasks,
    training,
    ...(expected === undefined ? {} : { expected })
  })
})

/**
 * Returns a finished pipeline with one more task. Throws a `WiringError` where the pipeline lacks a field that the task reads.
 */
export const pipelineWith = (pipeline: Pipeline, task: Task): Pipeline => {
  const fault = taskFault(pipeline.fields, pipeline.stages.at(-1)?.kind ?? "host", pipeline.tasks, task)
  if (fault !== undefined) throw new WiringError({ pipeline: pipeline.name, problem: fault })
  return { ...pipeline, tasks: [...pipeline.tasks, task] }
}

/** Starts a pipeline from a source: its stages read the fields of the source's samples. Throws a `WiringError`. */
export const pipeline = <F extends Fields = PairValues>(
  name: string,
  source: SourceData<F>
): PipelineChain<Flat<SampleFields & F>, "host"> => {
  const problem = fieldNameFault(valuesOf(source))
  if (problem !== undefined) throw new WiringError({ pipeline: name, problem })
  const start = { ...sampleFields, ...valuesOf(source) }
  return writing(name, source, extend(name, start, start, "host", []), "host", []) as never
}

/** A stage as data, from which the loader makes it. */
export interface StageRecord {
  readonly stage: string
  readonly as: string
  /** Weight set that a tensor stage runs with. */
  readonly weights?: WeightSet
  readonly settings: Json
  /** Other names of its fields (`bind`); absent where it has none. */
  readonly bind?: Binding
}

/** A task as data, with its own stages. */
export interface TaskRecord {
  readonly task: string
  readonly settings: Json
  readonly chain?: { readonly fields: Fields; readonly stages: readonly StageRecord[] }
}

/** A pipeline as data: JSON that `load` turns back into the same pipeline. */
export interface PipelineData {
  readonly format: number
  readonly name: string
  readonly source: SourceData<Fields>
  readonly stages: readonly StageRecord[]
  readonly tasks: readonly TaskRecord[]
  readonly training: TrainSettings
  readonly expected?: Expected
}

/** Returns the stages of a pipeline as data, those of its tasks last. */
export const stageRecords = ({ stages, tasks }: Pick<PipelineData, "stages" | "tasks">): readonly StageRecord[] => [
  ...stages,
  ...tasks.flatMap(({ chain }) => chain?.stages ?? [])
]

/** Returns a pipeline as data with some of its stages replaced, those of its tasks included. */
export const withStageRecords = <D extends Pick<PipelineData, "stages" | "tasks">>(
  data: D,
  replace: (record: StageRecord) => StageRecord
): D => ({
  ...data,
  stages: data.stages.map(replace),
  tasks: data.tasks.map(({ chain, ...task }) =>
    chain ? { ...task, chain: { ...chain, stages: chain.stages.map(replace) } } : task
  )
})

const record = (stage: Stage): StageRecord => ({
  stage: kindOf(stage),
  as: stage.kind === "tensor" ? stage.as.slice(prefixOf(stage.weights).length) : stage.as,
  ...(stage.kind === "tensor" ? { weights: stage.weights } : {}),
  settings: stage.settings,
  ...(stage.bind ? { bind: stage.bind } : {})
})

const taskRecord = ({ task, settings, chain }: Task): TaskRecord => ({
  task,
  settings,
  ...(chain.stages.length > 0 ? { chain: { fields: chain.start, stages: chain.stages.map(record) } } : {})
})

/** Converts a pipeline to data. */
export const toData = (pipeline: Pipeline): PipelineData => ({
  format: pipelineFormat,
  name: pipeline.name,
  source: pipeline.source,
  stages: pipeline.stages.map(record),
  tasks: pipeline.tasks.map(taskRecord),
  training: pipeline.training,
  ...(pipeline.expected === undefined ? {} : { expected: pipeline.expected })
})

/**
 * Returns the SHA-256 of a pipeline as data with its stages' versions: equal pipelines have equal digests, whatever their
 * expected metrics and the locations of their frozen sets.
 */
export const pipelineDigest = (pipeline: Pipeline): string => {
  const { expected, ...data } = toData(pipeline)
  const unplaced = withStageRecords(data, (each) =>
    typeof each.weights === "object" ? { ...each, weights: { ...each.weights, from: "" } } : each
  )
  return digest({ ...unplaced, versions: [...pipeline.stages, ...taskStages(pipeline)].map((stage) => stage.version) })
}
