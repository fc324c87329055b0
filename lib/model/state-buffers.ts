import { type BufferSpec, sizeOf } from "../compiler/program.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { tensorStagesOf } from "../pipeline/tensor-stages.ts"
import type { Layout } from "./layout.ts"

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
