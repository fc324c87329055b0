import type * as tf from "@tensorflow/tfjs"
import type { Effect } from "effect"
import type { Key } from "../random/key.ts"
import type { Dtype, Fields, HostValues } from "../tensor/field.ts"
import type { TensorOf } from "../tensor/tensor.ts"
import type { SampleError } from "./errors.ts"
import type { FieldVocabularies, FieldVocabulary } from "./vocabulary.ts"
import type { WeightSet } from "./weight-set.ts"

/** Sizes of named dimensions; a name has one size in a pipeline, except where a stage defines its own. */
export interface Sizes {
  readonly [dimension: string]: number
}

/** New names by old ones. */
export interface Names {
  readonly [name: string]: string
}

/** New names of the fields that a use of a stage reads and adds, and of their dimensions; omitted names are kept. */
export interface Binding {
  readonly reads?: Names
  readonly adds?: Names
  readonly dims?: Names
}

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** A stage as data: enough to make it again from the table of stages. */
export interface StageData {
  /** Kind of stage: its folder in stages/. */
  readonly stage: string
  /** Name of this use of the stage; by default the kind. */
  readonly as: string
  /** Incremented whenever the same settings give a different result; part of cache keys. */
  readonly version: number
  readonly settings: Json
  /** Other names of its fields and dimensions (`bind`), if any. */
  readonly bind?: Binding
}

/** Codec that stores a host stage's preprocessed values in the cache. */
export interface Codec<P> {
  encode(prepared: P): Uint8Array
  decode(bytes: Uint8Array): P
}

/**
 * A stage that works on one sample. `prepare` is a pure function of the sample (cached by content); `draw` is keyed and runs
 * every epoch; `null` instead of a key disables randomness (evaluation).
 */
export interface HostStage<Name extends string = string, Reads extends Fields = Fields, Adds extends Fields = Fields, P = unknown>
  extends StageData {
  readonly kind: "host"
  readonly stage: Name
  readonly reads: Reads
  readonly adds: Adds
  readonly sizes: Sizes
  readonly codec: Codec<P>
  /** Special ids of its token fields that are known before anything is opened. */
  readonly vocabularies?: { readonly [field: string]: FieldVocabulary }
  prepare(sample: HostValues<Reads>): Effect.Effect<P, SampleError>
  draw(prepared: P, key: Key | null): HostValues<Adds>
}

/** Progress of training, for schedules; `step` counts from 0. */
export interface Progress {
  readonly step: number
  readonly steps: number
  readonly warmup: number
  readonly stepsPerEpoch: number
}

/** Random numbers that a tensor stage needs, drawn on the host per sample; `dims` are per sample. */
export interface NoiseSpec {
  readonly dtype: Dtype
  readonly dims: readonly string[]
  readonly draw: (key: Key, shape: readonly number[]) => Float32Array | Int32Array | Uint8Array
}

/** Shape and initialisation of a parameter. */
export interface ParameterSpec {
  readonly shape: readonly number[]
  readonly init: (key: Key, shape: readonly number[]) => Float32Array
  /** True where AdamW's weight decay applies (matrices, but not position embeddings). */
  readonly decay: boolean
  /**
   * Name of the scalar that multiplies its gradient and learning rate (a schedule of its stage); absent where that is always 1.
   */
  readonly lrScale?: string
  /** Bounds to which the value is clamped after each update. */
  readonly clamp?: readonly [number, number]
}
export interface ParameterSpecs {
  readonly [name: string]: ParameterSpec
}

/** A buffer that a stage keeps from step to step (a queue, a centre). */
export interface StateSpec {
  readonly dtype: "float32" | "int32"
  readonly shape: readonly number[]
  readonly init: (key: Key, shape: readonly number[]) => Float32Array | Int32Array
}

/** A new value for a buffer: the whole tensor, or rows that a ring buffer takes at its pointer. */
export type StateUpdate = { readonly replace: tf.Tensor } | { readonly enqueue: tf.Tensor }

/** Returns the parameter of a name; throws for an unknown name. */
export type Parameters = (name: string) => tf.Tensor

/** Inputs of a tensor stage during tracing. */
export interface TensorContext<Reads extends Fields> {
  readonly fields: { readonly [N in keyof Reads]: TensorOf<Reads[N]> }
  /** Parameters of the stage's weight set; without gradient unless it is the student. */
  readonly parameters: Parameters
  /** The teacher's parameters, without gradient; for a frozen stage its own. */
  readonly teacher: Parameters
  readonly noise: { readonly [name: string]: tf.Tensor }
  readonly scalars: { readonly [name: string]: tf.Tensor }
  readonly state: { readonly [name: string]: tf.Tensor }
  /** All sizes, including `batch`. */
  readonly sizes: Sizes
}

/** Results of a tensor stage. */
export interface TensorOutcome<Adds extends Fields> {
  readonly fields: { readonly [N in keyof Adds]: TensorOf<Adds[N]> }
  /** Scalar losses by name, whose weighted sum is minimised. */
  readonly losses?: { readonly [name: string]: tf.Tensor }
  /** Scalars that are only logged, by name. */
  readonly metrics?: { readonly [name: string]: tf.Tensor }
  readonly state?: { readonly [name: string]: StateUpdate }
}

/** A metric that reveals collapse when it stays near 0 or near its limit (ln K for the entropy of a distribution over K). */
export interface Watch {
  readonly metric: string
  readonly limit: number
}

/**
 * A field whose rows are rows of another field, selected by a field of indices: the way in which states of one pair reach another
 * pair.
 */
export interface Selection {
  readonly from: string
  readonly by: string
}

/**
 * Description of a stage whose result for a pair depends on other pairs of the batch, for gradient accumulation: the part that
 * works on the whole batch (and adds only indices), the remaining part of the stage, and the fields that hold rows of other
 * pairs.
 */
export interface Batchwise {
  readonly whole: TensorStage
  readonly rest: TensorStage | undefined
  readonly selects: { readonly [field: string]: Selection }
}

/** A stage that is a pure function of parameters, batched tensors and noise, traced once per input shape. */
export interface TensorStage<Name extends string = string, Reads extends Fields = Fields, Adds extends Fields = Fields>
  extends StageData {
  readonly kind: "tensor"
  readonly stage: Name
  /** Weight set that it runs with. */
  readonly weights: WeightSet
  readonly reads: Reads
  readonly adds: Adds
  readonly sizes: Sizes
  /** The dimension that is its batch, where it is bound to another one than `batch`. */
  readonly batch?: string
  readonly noise: { readonly [name: string]: NoiseSpec }
  /** Schedules by name: scalars that depend on the progress of training. */
  readonly scalars: { readonly [name: string]: (progress: Progress) => number }
  /** Metrics that stop the run as collapsed when they stay at an end of their range. */
  readonly watches?: readonly Watch[]
  /** Losses, by name, of a constant prediction: a loss that is no lower shows an untrained head. */
  readonly guesses?: { readonly [loss: string]: number }
  /** Set where a pair's result depends on the other pairs of its batch. */
  readonly batchwise?: Batchwise
  /** Reason why a batch cannot be split before this stage in any way (its loss is not a mean over samples), where it cannot. */
  readonly needsWholeBatch?: string
  /**
   * Returns the same stage with the known facts about the ids of its input fields in its settings, where those leave them open.
   * Throws a `SettingsError` where the settings contradict them.
   */
  readonly completed?: (vocabularies: FieldVocabularies) => TensorStage
  /** Token fields whose vocabularies must be known before it runs in a pipeline. */
  readonly needsVocabulary?: readonly string[]
  parameters(sizes: Sizes): ParameterSpecs
  /** Names of its parameters that it also reads from the teacher. */
  teacherParameters(sizes: Sizes): readonly string[]
  state(sizes: Sizes): { readonly [name: string]: StateSpec }
  apply(context: TensorContext<Reads>): TensorOutcome<Adds>
}

export type Stage = HostStage | TensorStage
