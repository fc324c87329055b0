import { type BufferSpec, sizeOf } from "../compiler/program.ts"
import { dimensionParts, type TensorField } from "../tensor/field.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { Sizes, TensorStage } from "../pipeline/stage.ts"
import type { Layout } from "../model/layout.ts"

/** The tensor stages of a pipeline, in order. */
export const tensorStagesOf = (pipeline: Pipeline): readonly TensorStage[] =>
  pipeline.stages.filter((stage) => stage.kind === "tensor")

/** The fields that the host gives to the tensor stages: tensors added before the first tensor stage, batched. */
export const hostFields = (pipeline: Pipeline): { readonly [name: string]: TensorField } => {
  const added = new Set(tensorStagesOf(pipeline).flatMap((stage) => Object.keys(stage.adds)))
  return Object.fromEntries(
    Object.entries(pipeline.fields).flatMap(([name, field]) =>
      "dtype" in field && !added.has(name) ? [[name, field] as const] : []
    )
  )
}

/** A field's shape, given the sizes of its dimensions (`patches+1` is one more than `patches`); throws where no stage says one. */
export const shapeOf = (dims: readonly string[], sizes: Sizes): readonly number[] =>
  dims.map((dimension) => {
    const { name, more } = dimensionParts(dimension)
    const size = sizes[name]
    if (size === undefined) throw new Error(`no stage says how large '${dimension}' is`)
    return size + more
  })

/** All state buffers of a training run: parameters, teacher, AdamW's moments, and what stages keep. */
export const stateBuffers = (pipeline: Pipeline, layout: Layout): { readonly [name: string]: BufferSpec } => {
  const flat = (length: number): BufferSpec => ({ dtype: "float32", length })
  const kept = tensorStagesOf(pipeline).flatMap((stage) =>
    Object.entries(stage.state(pipeline.sizes)).map(([name, spec]): [string, BufferSpec] => [
      `${stage.as}.${name}`,
      { dtype: spec.dtype, length: sizeOf(spec.shape), ring: { rows: spec.shape[0] ?? 1, width: sizeOf(spec.shape.slice(1)) } }
    ])
  )
  return {
    student: flat(layout.length),
    teacher: flat(layout.teacherLength),
    "adam.m": flat(layout.length),
    "adam.v": flat(layout.length),
    ...Object.fromEntries(kept)
  }
}
