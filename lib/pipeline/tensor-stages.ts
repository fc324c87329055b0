import { dimensionParts, type TensorField } from "../tensor/field.ts"
import type { Pipeline } from "./pipeline.ts"
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

/** Returns the sizes that a stage works with: its own, then those of the pipeline. */
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
