import { type Program, sizeOf } from "../compiler/program.ts"
import { parameterLayout, type SetLayout } from "../model/layout.ts"
import { type Pipeline, pipelineDigest } from "../pipeline/pipeline.ts"
import { mapParts } from "../pipeline/source-part.ts"
import type { Sizes, Stage } from "../pipeline/stage.ts"
import { taskStages } from "../pipeline/task.ts"
import { batchSizes, hostFields, sizesOf } from "../pipeline/tensor-stages.ts"
import { dimensionParts, type Field, type Fields, show } from "../tensor/field.ts"
import { trainingProgram } from "../train/step.ts"

/** A field that a stage reads or adds, with the known sizes. */
export interface ExplainedField {
  readonly name: string
  /** Type as errors spell it: `float32[batch, patches, width]`. */
  readonly type: string
  /** Shape with sizes: `16 × 64 × 192`; a dimension known only in a run keeps its name. Empty for values that are not tensors. */
  readonly shape: string
}

export interface ExplainedStage {
  readonly as: string
  readonly stage: string
  readonly kind: Stage["kind"]
  readonly reads: readonly ExplainedField[]
  readonly adds: readonly ExplainedField[]
  /** Number of its parameters, including those shared with other stages. */
  readonly parameters: number
  /** Names of its noise inputs. */
  readonly noise: readonly string[]
}

/** A set of parameters. */
export interface ExplainedSet {
  readonly name: string
  readonly role: SetLayout["role"]
  readonly parameters: number
  /** Bytes that it takes while training; for an optimised set including its two moments. */
  readonly bytes: number
  /** Source of a frozen set, and the SHA-256 of its file where that is known. */
  readonly from?: string
  readonly digest?: string | null
}

/** Cost of one training step. */
export interface ExplainedStep {
  readonly nodes: number
  /** Bytes of inputs at each step: fields and noise. */
  readonly fedBytes: number
  /** Bytes kept for the whole run: all sets of parameters, moments, queues and centres. */
  readonly stateBytes: number
  readonly flops?: number
  /** Peak bytes of the intermediate values of a step. */
  readonly peakBytes?: number
}

/** A part of the batch: where it is read from, and the host stages that do, whose fields have their own names. */
export interface ExplainedPart {
  readonly source: Pipeline["source"]
  readonly batch: number
  readonly stages: readonly ExplainedStage[]
}

/** A pipeline in words and numbers. */
export interface Explanation {
  readonly name: string
  readonly digest: string
  readonly source: Pipeline["source"]
  readonly batch: number
  /** Parts of the batch from other sources, by name; absent where there are none. */
  readonly parts?: { readonly [part: string]: ExplainedPart }
  readonly steps: number
  readonly sizes: Sizes
  readonly stages: readonly ExplainedStage[]
  readonly score: readonly ExplainedStage[]
  /** The student's parameters, the teacher's where there is one, and frozen ones. */
  readonly sets: readonly ExplainedSet[]
  readonly step: ExplainedStep | undefined
}

/** Functions that measure a program: floating-point operations of a run, and its peak memory in bytes. */
export interface Measures {
  readonly flops?: (program: Program) => number
  readonly peakBytes?: (program: Program) => number
}

const sized = (dimension: string, sizes: Sizes): string => {
  const { name, more } = dimensionParts(dimension)
  const size = sizes[name]
  return size === undefined ? dimension : String(size + more)
}

const explainedField = (sizes: Sizes, [name, field]: readonly [string, Field]): ExplainedField => ({
  name,
  type: show(field),
  shape: "dtype" in field ? field.dims.map((dimension) => sized(dimension, sizes)).join(" × ") || "1" : ""
})

const explainedStage = (stage: Stage, sizes: Sizes): ExplainedStage => {
  const fields = (all: Fields) => Object.entries(all).map((entry) => explainedField(sizes, entry))
  const specs = stage.kind === "tensor" ? Object.values(stage.parameters(sizesOf(stage, sizes))) : []
  return {
    as: stage.as,
    stage: stage.stage,
    kind: stage.kind,
    reads: fields(stage.reads),
    adds: fields(stage.adds),
    parameters: specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    noise: stage.kind === "tensor" ? Object.keys(stage.noise) : []
  }
}

const explainedSet = ({ name, role, slots, length, source }: SetLayout): ExplainedSet => ({
  name,
  role,
  parameters: slots.reduce((sum, { size }) => sum + size, 0),
  bytes: 4 * length * (role === "optimised" ? 3 : 1),
  ...(source ? { from: source.from, digest: source.digest } : {})
})

const feedBytes = (program: Program): number =>
  program.inputs.reduce((sum, { source, value }) => {
    const { shape, dtype } = program.values[value]!
    return "feed" in source ? sum + sizeOf(shape) * (dtype === "bool" ? 1 : 4) : sum
  }, 0)

const bufferBytes = (program: Program, layoutBytes: number): number => {
  const own = program.inputs.filter(({ name }) => name.startsWith("state/"))
  return layoutBytes + own.reduce((sum, { value }) => sum + sizeOf(program.values[value]!.shape) * 4, 0)
}

/**
 * Describes a pipeline: its stages with the fields that they read and add, shapes, parameters, and the cost of a training step,
 * from its traced program; nothing is run. A pipeline without tensor stages has no step.
 */
export const explain = (pipeline: Pipeline, measures: Measures = {}): Explanation => {
  const { batch, steps } = pipeline.training
  const sizes = batchSizes(pipeline, batch)
  const layout = parameterLayout(pipeline)
  const trained = layout.slots.length > 0 && Object.keys(hostFields(pipeline)).length > 0
  const program = trained ? trainingProgram(pipeline, layout, batch) : undefined
  const sets = layout.sets.map(explainedSet)
  const state = sets.reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    name: pipeline.name,
    digest: pipelineDigest(pipeline),
    source: pipeline.source,
    batch,
    ...(pipeline.parts
      ? {
          parts: mapParts(pipeline.parts, (part) => ({
            source: part.source,
            batch: part.batch,
            stages: part.stages.map((stage) => explainedStage(stage, sizes))
          }))
        }
      : {}),
    steps,
    sizes: pipeline.sizes,
    stages: pipeline.stages.map((stage) => explainedStage(stage, sizes)),
    score: taskStages(pipeline).map((stage) => explainedStage(stage, sizes)),
    sets,
    step: program && {
      nodes: program.nodes.length,
      fedBytes: feedBytes(program),
      stateBytes: bufferBytes(program, state),
      ...(measures.flops ? { flops: measures.flops(program) } : {}),
      ...(measures.peakBytes ? { peakBytes: measures.peakBytes(program) } : {})
    }
  }
}
