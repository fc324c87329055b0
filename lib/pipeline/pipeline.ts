import { digest } from "../store/digest.ts"
import { batched, type Fields } from "../tensor/field.ts"
import { WiringError } from "./errors.ts"
import type { Expected } from "./expected.ts"
import { pipelineFormat } from "./pipeline-data.ts"
import { fieldNameFault, type PairValues, type SampleFields, type SourceData, sampleFields, valuesOf } from "./samples.ts"
import {
  mapParts,
  type PartChain,
  type PartFields,
  partFault,
  partFields,
  partNameFault,
  partStageFault,
  partStages,
  type SourcePart,
  type SourceParts
} from "./source-part.ts"
import type { Binding, HostStage, Json, Sizes, Stage } from "./stage.ts"
import { type FitsTask, type Stages, type Task, taskFault, taskStages } from "./task.ts"
import type { TrainSettings } from "./training-settings.ts"
import { prefixOf, type WeightSet } from "./weight-set.ts"
import { type Fits, faults, type Kind, nameFault, type Seen, sizeFault } from "./wiring.ts"
import { kindOf } from "./with-weights.ts"

export { type PairFields, pairFields, pairs, type SourceData } from "./samples.ts"

type Known<T> = T extends Fields ? T : never
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

/** A chain's stages go on from `stages`; `parts` are those of the batch, whose sizes and names hold too. */
const extend = (
  name: string,
  start: Fields,
  fields: Fields,
  kind: Kind,
  stages: readonly Stage[],
  parts: SourceParts = {}
): Chain<Fields, Kind> => ({
  stages,
  start,
  fields,
  sizes: Object.assign(Object.create(null), ...[...partStages(parts), ...stages].map((stage) => stage.sizes)),
  pipe: (given) => {
    const stage = given as Stage // Fits is the stage itself, or a message with which the compiler has rejected it
    const seen = kind === "host" && stage.kind === "tensor" ? batched(fields) : fields
    const named = nameFault(stages, stage) ?? partNameFault(parts, stage.as)
    const fault = faults(seen, kind, stage)[0] ?? sizeFault([...partStages(parts), ...stages], stage) ?? named
    if (fault !== undefined) throw new WiringError({ pipeline: name, problem: fault })
    return extend(name, start, { ...seen, ...stage.adds }, stage.kind, [...stages, stage], parts) as never
  }
})

/** Starts a chain of tensor stages from given fields, e.g. one that scores a pair of encoded image and text. */
export const chain = <F extends Fields>(fields: F): Chain<F, "tensor"> => extend("chain", fields, fields, "tensor", []) as never

/** A complete pipeline as a value: the input of run, explain, export and workers. */
export interface Pipeline {
  readonly name: string
  readonly source: SourceData<Fields>
  /** The parts of a batch that other sources give; absent where there are none. */
  readonly parts?: SourceParts
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

/** A pipeline's beginning: a batch may still be given parts, each read from a source of its own. */
export interface PipelineStart<F extends Fields> extends PipelineChain<F, "host"> {
  /**
   * Adds a part to every batch: `batch` samples of another source, read by host stages of its own. The tensors of those samples come
   * into the main chain as `PART.FIELD`, with the dimension `PART.batch`; a tensor stage is bound to them (`bind`, with the batch among
   * its `dims`). Faults are those of `pipe`, at compile time and at run time.
   */
  readonly source: <const P extends string, S extends Fields, G extends Fields>(
    part: P,
    source: SourceData<S>,
    options: { readonly batch: number },
    stages: (part: PartChain<Flat<SampleFields & S>>) => PartChain<G>
  ) => PipelineStart<Known<Flat<F & PartFields<P, G>>>>
}

const partChain = (chain: Chain<Fields, Kind>, fault: (problem: string) => WiringError): PartChain<Fields> => ({
  fields: chain.fields,
  stages: chain.stages as readonly HostStage[], // others are refused just below
  pipe: (given) => {
    const problem = partStageFault(given as unknown as Stage)
    if (problem !== undefined) throw fault(problem)
    return partChain(chain.pipe(given as never) as unknown as Chain<Fields, Kind>, fault) as never
  }
})

/** The fields that the samples of a source have before any stage. Throws a `WiringError` for names that none can have. */
const fieldsAtStart = (name: string, source: SourceData<Fields>): Fields => {
  const problem = fieldNameFault(valuesOf(source))
  if (problem !== undefined) throw new WiringError({ pipeline: name, problem })
  return { ...sampleFields, ...valuesOf(source) }
}

const starting = (name: string, source: SourceData<Fields>, fields: Fields, parts: SourceParts): PipelineStart<Fields> => ({
  ...writing(name, source, extend(name, fields, fields, "host", [], parts), "host", [], parts),
  source: (part, from, { batch }, stagesOf) => {
    const refuse = (problem: string) => new WiringError({ pipeline: `${name}.${part}`, problem })
    const problem = partFault(parts, part, batch)
    if (problem !== undefined) throw refuse(problem)
    const own = fieldsAtStart(`${name}.${part}`, from)
    const made = stagesOf(partChain(extend(`${name}.${part}`, own, own, "host", []), refuse) as never)
    const disagreeing = made.stages.map((stage) => sizeFault(partStages(parts), stage)).find((fault) => fault !== undefined)
    if (disagreeing !== undefined) throw refuse(disagreeing)
    const more = { ...parts, [part]: { source: from as SourceData<Fields>, batch, stages: made.stages } }
    return starting(name, source, { ...fields, ...partFields(part, made.fields) }, more) as never
  }
})

const writing = (
  name: string,
  source: SourceData<Fields>,
  stages: Chain<Fields, Kind>,
  kind: Kind,
  tasks: readonly Task[],
  parts: SourceParts
): PipelineChain<Fields, Kind> => ({
  pipe: (stage) =>
    writing(
      name,
      source,
      stages.pipe(stage as never) as unknown as Chain<Fields, Kind>,
      (stage as Stage).kind,
      tasks,
      parts
    ) as never,
  evaluate: (given) => {
    const task = given as Task // FitsTask is the task itself, or a message with which the compiler has rejected it
    const before = [...stages.stages, ...taskStages({ tasks })]
    const named = task.chain.stages.map((stage) => nameFault(before, stage)).find((fault) => fault !== undefined)
    const fault = taskFault(stages.fields, kind, tasks, task) ?? named ?? partNameFault(parts, task.task)
    if (fault !== undefined) throw new WiringError({ pipeline: name, problem: fault })
    return writing(name, source, stages, kind, [...tasks, task], parts)
  },
  train: (training, expected) => ({
    name,
    source,
    ...(Object.keys(parts).length > 0 ? { parts } : {}),
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
): PipelineStart<Flat<SampleFields & F>> => starting(name, source, fieldsAtStart(name, source), {}) as never

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

/** A part of a batch as data. */
export interface PartRecord {
  readonly source: SourceData<Fields>
  readonly batch: number
  readonly stages: readonly StageRecord[]
}

/** A pipeline as data: JSON that `load` turns back into the same pipeline. */
export interface PipelineData {
  readonly format: number
  readonly name: string
  readonly source: SourceData<Fields>
  /** The parts of a batch that other sources give; absent where there are none. */
  readonly parts?: { readonly [name: string]: PartRecord }
  readonly stages: readonly StageRecord[]
  readonly tasks: readonly TaskRecord[]
  readonly training: TrainSettings
  readonly expected?: Expected
}

/** The stages of a pipeline as data, then those of its parts, called `PART.STAGE`, and of its tasks. */
export const stageRecords = ({
  stages,
  parts = {},
  tasks
}: Pick<PipelineData, "stages" | "parts" | "tasks">): readonly StageRecord[] => [
  ...stages,
  ...Object.entries(parts).flatMap(([name, part]) => part.stages.map((each) => ({ ...each, as: `${name}.${each.as}` }))),
  ...tasks.flatMap(({ chain }) => chain?.stages ?? [])
]

/** The same pipeline as data with some of its stages, those of its tasks too but not of its parts, replaced by others. */
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

const partRecord = ({ source, batch, stages }: SourcePart): PartRecord => ({ source, batch, stages: stages.map(record) })

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
  ...(pipeline.parts ? { parts: mapParts(pipeline.parts, partRecord) } : {}),
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
  return digest({
    ...unplaced,
    versions: [...pipeline.stages, ...taskStages(pipeline), ...partStages(pipeline.parts)].map((stage) => stage.version)
  })
}
