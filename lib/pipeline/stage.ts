import type * as tf from "@tensorflow/tfjs"
import type { Effect } from "effect"
import type { Key } from "../random/key.ts"
import type { Dtype, Fields, HostValues } from "../tensor/field.ts"
import type { TensorOf } from "../tensor/tensor.ts"
import type { SampleError } from "./errors.ts"
import type { FieldVocabularies, FieldVocabulary } from "./vocabulary.ts"
import type { WeightSet } from "./weight-set.ts"

/** Sizes of named dimensions; one name has one size in a pipeline, where a stage does not say its own. */
export interface Sizes {
  readonly [dimension: string]: number
}

/** New names by old ones. */
export interface Names {
  readonly [name: string]: string
}

/** What a use of a stage calls the fields that it reads and adds, and their dimensions; what is left out keeps its name. */
export interface Binding {
  readonly reads?: Names
  readonly adds?: Names
  readonly dims?: Names
}

/** Anything that JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** What a stage is as data: enough to make it again from the table of stages. */
export interface StageData {
  /** The kind of stage: its folder in stages/. */
  readonly stage: string
  /** The name by which this use of it is addressed; the kind unless given. */
  readonly as: string
  /** Raised whenever the same settings give another result; part of cache keys. */
  readonly version: number
  readonly settings: Json
  /** Other names of its fields and dimensions (`bind`), where it has any. */
  readonly bind?: Binding
}

/** How a host stage's prepared half is kept in the cache. */
export interface Codec<P> {
  encode(prepared: P): Uint8Array
  decode(bytes: Uint8Array): P
}

/**
 * A stage that works on one sample. `prepare` is a pure function of the sample (cached by content);
 * `draw` is keyed and run every epoch, with `null` where nothing is to be random (evaluation).
 */
export interface HostStage<Name extends string = string, Reads extends Fields = Fields, Adds extends Fields = Fields, P = unknown>
  extends StageData {
  readonly kind: "host"
  readonly stage: Name
  readonly reads: Reads
  readonly adds: Adds
  readonly sizes: Sizes
  readonly codec: Codec<P>
  /** Special ids of its fields of tokens that are known before anything is opened. */
  readonly vocabularies?: { readonly [field: string]: FieldVocabulary }
  prepare(sample: HostValues<Reads>): Effect.Effect<P, SampleError>
  draw(prepared: P, key: Key | null): HostValues<Adds>
}

/** How far training is, for schedules; `step` counts from 0. */
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

/** A parameter's shape and how it starts. */
export interface ParameterSpec {
  readonly shape: readonly number[]
  readonly init: (key: Key, shape: readonly number[]) => Float32Array
  /** AdamW's weight decay applies (matrices, but not position embeddings). */
  readonly decay: boolean
  /** The scalar that multiplies its gradient and learning rate (a schedule of its stage), where it is not always 1. */
  readonly lrScale?: string
  /** Bounds to which the value is clamped after each update. */
  readonly clamp?: readonly [number, number]
}
export interface ParameterSpecs {
  readonly [name: string]: ParameterSpec
}

/** A tensor that a stage keeps from step to step (a queue, a centre). */
export interface StateSpec {
  readonly dtype: "float32" | "int32"
  readonly shape: readonly number[]
  readonly init: (key: Key, shape: readonly number[]) => Float32Array | Int32Array
}

/** A new value for a state: the whole tensor, or rows that a ring takes at its pointer. */
export type StateUpdate = { readonly replace: tf.Tensor } | { readonly enqueue: tf.Tensor }

/** Parameters by name; an unknown name throws. */
export type Parameters = (name: string) => tf.Tensor

/** What a tensor stage is given while it is traced. */
export interface TensorContext<Reads extends Fields> {
  readonly fields: { readonly [N in keyof Reads]: TensorOf<Reads[N]> }
  /** The parameters of the stage's weight set; without gradient unless they are the student's. */
  readonly parameters: Parameters
  /** The teacher's parameters, without gradient; a frozen stage's own. */
  readonly teacher: Parameters
  readonly noise: { readonly [name: string]: tf.Tensor }
  readonly scalars: { readonly [name: string]: tf.Tensor }
  readonly state: { readonly [name: string]: tf.Tensor }
  /** All sizes, `batch` among them. */
  readonly sizes: Sizes
}

/** What a tensor stage gives back. */
export interface TensorOutcome<Adds extends Fields> {
  readonly fields: { readonly [N in keyof Adds]: TensorOf<Adds[N]> }
  /** Scalars that training adds up, by name. */
  readonly losses?: { readonly [name: string]: tf.Tensor }
  /** Scalars that are logged only, by name. */
  readonly metrics?: { readonly [name: string]: tf.Tensor }
  readonly state?: { readonly [name: string]: StateUpdate }
}

/** A metric that shows collapse: it sits near 0 or near its limit (ln K for the entropy of a distribution over K). */
export interface Watch {
  readonly metric: string
  readonly limit: number
}

/** A field whose rows are rows of another field, chosen by a field of indices: how one pair's states reach another pair. */
export interface Selection {
  readonly from: string
  readonly by: string
}

/**
 * How a stage looks at several pairs of a batch at once, which a batch in micro-batches must know: what works on the whole batch
 * (and adds indices only), what of the stage is left, and the fields that are other pairs' rows.
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
  /** The set of parameters that it is run with. */
  readonly weights: WeightSet
  readonly reads: Reads
  readonly adds: Adds
  readonly sizes: Sizes
  /** The dimension that is its batch, where it is bound to another one than `batch`. */
  readonly batch?: string
  readonly noise: { readonly [name: string]: NoiseSpec }
  /** Schedules: numbers that change with the step, by name. */
  readonly scalars: { readonly [name: string]: (progress: Progress) => number }
  /** Metrics whose sitting at an end stops the run as collapsed. */
  readonly watches?: readonly Watch[]
  /** Losses, by name, of a constant guess: what does no better has learnt nothing. */
  readonly guesses?: { readonly [loss: string]: number }
  /** Set where a pair's result depends on the other pairs of its batch. */
  readonly batchwise?: Batchwise
  /** Why a batch cannot be split before it in any way (its loss is no mean over samples), where that is so. */
  readonly needsWholeBatch?: string
  /**
   * The same stage with what is known of the ids of the fields that it reads in its settings, where those leave it open. Throws a
   * `SettingsError` where they say otherwise.
   */
  readonly completed?: (vocabularies: FieldVocabularies) => TensorStage
  /** Fields of whose ids it must be told more before it runs in a pipeline. */
  readonly needsVocabulary?: readonly string[]
  parameters(sizes: Sizes): ParameterSpecs
  /** Names of its parameters that it also reads from the teacher. */
  teacherParameters(sizes: Sizes): readonly string[]
  state(sizes: Sizes): { readonly [name: string]: StateSpec }
  apply(context: TensorContext<Reads>): TensorOutcome<Adds>
}

export type Stage = HostStage | TensorStage
