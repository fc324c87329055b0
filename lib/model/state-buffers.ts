import { type BufferSpec, sizeOf } from "../compiler/program.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { sizesOf, tensorStagesOf } from "../pipeline/tensor-stages.ts"
import type { Layout } from "./layout.ts"

/** Returns all state buffers of a training run: all sets of parameters, AdamW's moments, and the buffers of stages. */
export const stateBuffers = (pipeline: Pipeline, layout: Layout): { readonly [name: string]: BufferSpec } => {
  const flat = (length: number): BufferSpec => ({ dtype: "float32", length })
  const kept = tensorStagesOf(pipeline).flatMap((stage) =>
    Object.entries(stage.state(sizesOf(stage, pipeline.sizes))).map(([name, spec]): [string, BufferSpec] => [
      `${stage.as}.${name}`,
      { dtype: spec.dtype, length: sizeOf(spec.shape), ring: { rows: spec.shape[0] ?? 1, width: sizeOf(spec.shape.slice(1)) } }
    ])
  )
  return {
    ...Object.fromEntries(layout.sets.map((set) => [set.buffer, flat(set.length)])),
    "adam.m": flat(layout.length),
    "adam.v": flat(layout.length),
    ...Object.fromEntries(kept)
  }
}
