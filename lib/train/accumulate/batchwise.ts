import { WiringError } from "../../pipeline/errors.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import type { Selection, TensorStage } from "../../pipeline/stage.ts"
import { tensorStagesOf } from "../../pipeline/tensor-stages.ts"
import type { TensorField } from "../../tensor/field.ts"

/** A pipeline's stages, taken apart by whether they look at one pair or at the whole batch. */
export interface Split {
  /** What works on the whole batch. */
  readonly whole: TensorStage
  /** All others in order, with what is left of the stage that `whole` was taken from. */
  readonly local: readonly TensorStage[]
  /** The stages before it. */
  readonly before: readonly TensorStage[]
  readonly selects: { readonly [field: string]: Selection }
  /** Fields that `whole` reads and a model makes. */
  readonly embeddings: { readonly [field: string]: TensorField }
  /** Those of them whose gradient is wanted: that a stage with the student's parameters makes. */
  readonly learning: readonly string[]
}

/** Takes a pipeline apart for micro-batches. Throws a `WiringError` where not exactly one stage looks at several pairs. */
export const splitStages = (pipeline: Pipeline): Split => {
  const stages = tensorStagesOf(pipeline)
  const found = stages.filter((stage) => stage.batchwise !== undefined)
  const [stage] = found
  if (found.length !== 1 || !stage?.batchwise)
    throw new WiringError({
      pipeline: pipeline.name,
      problem: `training.microBatch needs one stage that compares pairs (align with contrastive), but there are ${found.length}`
    })
  const { whole, rest, selects } = stage.batchwise
  const embeddings = Object.entries(whole.reads).flatMap(([name, field]) =>
    "dtype" in field && field.origin === "model" ? [[name, field] as const] : []
  )
  const learns = (name: string): boolean => stages.some(({ weights, adds }) => weights === "student" && Object.hasOwn(adds, name))
  return {
    whole,
    local: stages.flatMap((each) => (each !== stage ? [each] : rest ? [rest] : [])),
    before: stages.slice(0, stages.indexOf(stage)),
    selects,
    embeddings: Object.fromEntries(embeddings),
    learning: embeddings.map(([name]) => name).filter(learns)
  }
}
