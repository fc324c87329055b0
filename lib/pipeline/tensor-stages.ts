import { dimensionParts, type TensorField } from "../tensor/field.ts"
import type { Pipeline } from "./pipeline.ts"
import { mapParts, partBatch } from "./source-part.ts"
import type { Sizes, TensorStage } from "./stage.ts"

/** Returns the tensor stages of a pipeline, in order. */
export const tensorStagesOf = (pipeline: Pipeline): readonly TensorStage[] =>
  pipeline.stages.filter((stage) => stage.kind === "tensor")

/** Returns the fields that the host passes to the tensor stages: tensors added before the first tensor stage, batched. */
export const hostFields = (pipeline: Pipeline): { readonly [name: string]: TensorField } => {
  const added = new Set(tensorStagesOf(pipeline).flatMap((stage) => Object.keys(stage.adds)))
  return Object.fromEntries(
    Object.entries(pipeline.fields).flatMap(([name, field]) =>
      "dtype" in field && !added.has(name) ? [[name, field] as const] : []
    )
  )
}

/** The dimension that is a stage's batch: `batch`, unless it is bound to that of a part. */
export const batchOf = ({ batch = "batch" }: Pick<TensorStage, "batch">): string => batch

/** The pipeline with another batch, and those of its parts in proportion, rounded up. */
export const withBatch = <P extends Pick<Pipeline, "parts" | "training">>(pipeline: P, batch: number): P => {
  const { parts, training } = pipeline
  const scaled = (own: number): number => Math.ceil((own * batch) / training.batch)
  return {
    ...pipeline,
    ...(parts ? { parts: mapParts(parts, (part) => ({ ...part, batch: scaled(part.batch) })) } : {}),
    training: { ...training, batch }
  }
}

/** All sizes for a batch of some size, with those of its parts' batches in proportion. */
export const batchSizes = (pipeline: Pick<Pipeline, "sizes" | "parts" | "training">, batch: number): Sizes => {
  const parts = Object.entries(withBatch(pipeline, batch).parts ?? {})
  return { ...pipeline.sizes, batch, ...Object.fromEntries(parts.map(([name, part]) => [partBatch(name), part.batch])) }
}

/** The sizes that a stage works with: its own, then those of the pipeline. */
export const sizesOf = ({ sizes: own }: Pick<TensorStage, "sizes">, sizes: Sizes): Sizes => ({ ...sizes, ...own })

/**
 * Returns a field's shape, given the sizes of its dimensions (`patches+1` is one more than `patches`); throws for an unknown
 * size.
 */
export const shapeOf = (dims: readonly string[], sizes: Sizes): readonly number[] =>
  dims.map((dimension) => {
    const { name, more } = dimensionParts(dimension)
    const size = sizes[name]
    if (size === undefined) throw new Error(`no stage says how large '${dimension}' is`)
    return size + more
  })
