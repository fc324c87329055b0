// What pipelines, stages and their tests are written with. The stages themselves are in `semmim/stages/NAME`.

/** tfjs and Effect as the library itself uses them: another copy's tensors and schemas would not be known to it. */
export * as tf from "@tensorflow/tfjs"
export { Effect, Schema } from "effect"
export type { HostContext, HostHooks } from "./data/host/ready-stage.ts"
export { isRecordedTensor, type Recorded, type RecordedTensor, recorded, recordedDigest } from "./explain/recorded.ts"
export { type RunStageOptions, runStage, type StageOutcome } from "./explain/run-stage.ts"
export { tryStage } from "./explain/try-stage.ts"
export { bind } from "./pipeline/bind.ts"
export { SampleError, WiringError } from "./pipeline/errors.ts"
export { loadPipeline, type StageTable, type Tables } from "./pipeline/load.ts"
export { type AddsOf, type Part, part, type ReadsOf, type StageHead, stageOf } from "./pipeline/part.ts"
export {
  type Chain,
  chain,
  type Pipeline,
  type PipelineChain,
  type PipelineData,
  type PipelineStart,
  pairFields,
  pairs,
  pipeline,
  pipelineDigest,
  type SourceData,
  toData
} from "./pipeline/pipeline.ts"
export { images, labelled, questions, sampleKinds, texts } from "./pipeline/sample-kinds.ts"
export { type PairValues, pairValues, sampleFields, samples } from "./pipeline/samples.ts"
export {
  type Bound,
  checkSettings,
  count,
  fraction,
  type Known,
  natural,
  positive,
  SettingsError,
  type StageDefinition,
  setting
} from "./pipeline/settings.ts"
export type { PartChain, SourcePart, SourceParts } from "./pipeline/source-part.ts"
export type {
  Codec,
  HostStage,
  Json,
  NoiseSpec,
  ParameterSpec,
  Progress,
  Sizes,
  Stage,
  TensorContext,
  TensorOutcome,
  TensorStage
} from "./pipeline/stage.ts"
export { noStages, type Stages, type Task } from "./pipeline/task.ts"
export { type TrainSettings, trainSettings } from "./pipeline/training-settings.ts"
export type { FieldVocabularies, FieldVocabulary, OpenedVocabulary, SpecialIds } from "./pipeline/vocabulary.ts"
export type { FrozenSet, TrainedSet, WeightSet } from "./pipeline/weight-set.ts"
export { type FrozenPlace, frozen, momentum } from "./pipeline/with-weights.ts"
export { gumbel } from "./random/gumbel.ts"
export { integers } from "./random/integers.ts"
export { derive, type Key, key } from "./random/key.ts"
export { normal } from "./random/normal.ts"
export { permutation } from "./random/permutation.ts"
export { truncatedNormal } from "./random/truncated-normal.ts"
export { uniform } from "./random/uniform.ts"
export { defineTask } from "./task/define-task.ts"
export { EvaluateError } from "./task/evaluate-error.ts"
export { retrieval } from "./task/retrieval/index.ts"
export type { TaskDefinition, TaskInputs, TaskSpec, TaskTable } from "./task/task.ts"
export { zeroShot } from "./task/zero-shot/index.ts"
export { type ConvolutionOptions, conv2d, conv2dTranspose } from "./tensor/convolution.ts"
export {
  type Dtype,
  type Field,
  type Fields,
  type HostValues,
  states,
  type TensorField,
  tensor,
  type ValueField,
  value
} from "./tensor/field.ts"
export { attention, detach, gelu, layerNorm, linear, softCrossEntropy } from "./tensor/own.ts"
export { named, type Tensor, type TensorOf } from "./tensor/tensor.ts"
