import { digest } from "../store/digest.ts"
import { batched, type Fields, tensor, value } from "../tensor/field.ts"
import { WiringError } from "./errors.ts"
import type { Expected } from "./expected.ts"
import type { Binding, Json, Sizes, Stage } from "./stage.ts"
import type { TrainSettings } from "./training-settings.ts"
import { type Fits, faults, type Kind, nameFault, type Seen, sizeFault } from "./wiring.ts"

type Flat<T> = { readonly [N in keyof T]: T[N] }

/** Where the pairs come from: what `--data` can name (lib/data/open-source.ts), for training and, where there is one, held out. */
export interface SourceData {
  readonly train: string
  readonly heldOut: string | null
}

/** A source of image-text pairs, and the one that is held out of training. */
export const pairs = (train: string, heldOut: string | null = null): SourceData => ({ train, heldOut })

/** The fields of an image-text pair, which every source gives: `captions` are all of the image's texts. */
export const pairFields = {
  id: value<string>()("string"),
  group: tensor("int32"),
  image: value<Uint8Array>()("bytes"),
  captions: value<readonly string[]>()("strings")
}
export type PairFields = typeof pairFields

/** Stages in order, and the fields that they start from. */
export interface Stages {
  readonly start: Fields
  readonly stages: readonly Stage[]
}

/** Stages being chained, and the fields that stand after them. */
export interface Chain<F extends Fields, K extends Kind> extends Stages {
  readonly fields: F
  readonly sizes: Sizes
  /** Adds a stage; one that does not fit is a compile-time error that is a sentence, and a `WiringError` with the same one. */
  readonly pipe: <S extends Stage>(stage: Fits<Seen<F, K, S>, K, S>) => Chain<Flat<Seen<F, K, S> & S["adds"]>, S["kind"]>
}

const extend = (name: string, start: Fields, fields: Fields, kind: Kind, stages: readonly Stage[]): Chain<Fields, Kind> => ({
  stages,
  start,
  fields,
  sizes: Object.assign(Object.create(null), ...stages.map((stage) => stage.sizes)),
  pipe: (given) => {
    const stage = given as Stage // Fits is the stage itself, or a sentence that the compiler has refused already
    const seen = kind === "host" && stage.kind === "tensor" ? batched(fields) : fields
    const fault = faults(seen, kind, stage)[0] ?? sizeFault(stages, stage) ?? nameFault(stages, stage)
    if (fault !== undefined) throw new WiringError({ pipeline: name, problem: fault })
    return extend(name, start, { ...seen, ...stage.adds }, stage.kind, [...stages, stage]) as never
  }
})

/** A chain of tensor stages that starts from given fields, e.g. what scores a pair of encoded image and text. */
export const chain = <F extends Fields>(fields: F): Chain<F, "tensor"> => extend("chain", fields, fields, "tensor", []) as never

/** The whole of a pipeline as a value: what run, explain, export and workers take. */
export interface Pipeline {
  readonly name: string
  readonly source: SourceData
  readonly stages: readonly Stage[]
  readonly fields: Fields
  readonly sizes: Sizes
  /** Stages that score an encoded pair for re-ranking in retrieval; they start from the fields `scoreFields`. */
  readonly score: readonly Stage[]
  readonly scoreFields: Fields
  readonly training: TrainSettings
  /** What runs with several seeds came to. */
  readonly expected?: Expected
}

/** A pipeline being written: a chain that can still be given what scores a pair, and is closed by `train`. */
export interface PipelineChain<F extends Fields, K extends Kind> {
  readonly pipe: <S extends Stage>(stage: Fits<Seen<F, K, S>, K, S>) => PipelineChain<Flat<Seen<F, K, S> & S["adds"]>, S["kind"]>
  /** Sets the chain that scores encoded pairs (retrieval's re-ranking). */
  readonly score: (chain: Stages) => PipelineChain<F, K>
  /** Closes the pipeline with its training settings, and what runs with several seeds came to where that was measured. */
  readonly train: (settings: TrainSettings, expected?: Expected) => Pipeline
}

const writing = (
  name: string,
  source: SourceData,
  stages: Chain<Fields, Kind>,
  scoring: Stages
): PipelineChain<Fields, Kind> => ({
  pipe: (stage) => writing(name, source, stages.pipe(stage as never) as unknown as Chain<Fields, Kind>, scoring) as never,
  score: (scored) => writing(name, source, stages, scored),
  train: (training, expected) => ({
    name,
    source,
    stages: stages.stages,
    fields: stages.fields,
    sizes: stages.sizes,
    score: scoring.stages,
    scoreFields: scoring.start,
    training,
    ...(expected === undefined ? {} : { expected })
  })
})

/** Starts a pipeline over a source of image-text pairs. */
export const pipeline = (name: string, source: SourceData): PipelineChain<PairFields, "host"> =>
  writing(name, source, extend(name, pairFields, pairFields, "host", []), { start: {}, stages: [] }) as never

/** A stage as data: what the loader makes it from. */
export interface StageRecord {
  readonly stage: string
  readonly as: string
  readonly momentum: boolean
  readonly settings: Json
  /** Other names of its fields (`bind`); absent where it has none. */
  readonly bind?: Binding
}

/** A pipeline as data: JSON that `load` turns back into the same pipeline. */
export interface PipelineData {
  readonly name: string
  readonly source: SourceData
  readonly stages: readonly StageRecord[]
  readonly score: { readonly fields: Fields; readonly stages: readonly StageRecord[] }
  readonly training: TrainSettings
  readonly expected?: Expected
}

const record = (stage: Stage): StageRecord => ({
  stage: stage.stage.replace(/^momentum\((.*)\)$/, "$1"),
  as: stage.momentum ? stage.as.replace(/^teacher\./, "") : stage.as,
  momentum: stage.momentum,
  settings: stage.settings,
  ...(stage.bind ? { bind: stage.bind } : {})
})

/** A pipeline as data. */
export const toData = (pipeline: Pipeline): PipelineData => ({
  name: pipeline.name,
  source: pipeline.source,
  stages: pipeline.stages.map(record),
  score: { fields: pipeline.scoreFields, stages: pipeline.score.map(record) },
  training: pipeline.training,
  ...(pipeline.expected === undefined ? {} : { expected: pipeline.expected })
})

/**
 * The sha256 of a pipeline as data with its stages' versions: equal pipelines have equal digests, whatever is expected of them.
 */
export const pipelineDigest = (pipeline: Pipeline): string => {
  const { expected, ...data } = toData(pipeline)
  return digest({ ...data, versions: [...pipeline.stages, ...pipeline.score].map((stage) => stage.version) })
}
