import { WiringError } from "../../pipeline/errors.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import type { Selection, TensorStage } from "../../pipeline/stage.ts"
import { tensorStagesOf } from "../../pipeline/tensor-stages.ts"
import { isBatch, show, type TensorField } from "../../tensor/field.ts"

/** A pipeline's stages, divided into those that work on single samples and those that work on the whole batch. */
export interface Split {
  /** Stages that work on single samples, in order, including the remaining part of the stage that `comparing` was taken from. */
  readonly local: readonly TensorStage[]
  /** Part that compares the samples of a batch; undefined where there is none. */
  readonly comparing: Comparing | undefined
}

/** Part of a pipeline that works on the whole batch. */
export interface Comparing {
  readonly whole: TensorStage
  /** Stages before it. */
  readonly before: readonly TensorStage[]
  readonly selects: { readonly [field: string]: Selection }
  /** Fields that `whole` reads and a model computes. */
  readonly embeddings: { readonly [field: string]: TensorField }
  /** Those of them with a gradient: computed by a stage with the student's parameters. */
  readonly learning: readonly string[]
}

/** Returns the evidence that a stage looks at the whole batch without declaring it; undefined where there is none. */
const wholeBatchFault = ({ noise, adds }: TensorStage): string | undefined => {
  const drawn = Object.entries(noise).find(([, { dims }]) => dims.some(isBatch))
  if (drawn) return `draws '${drawn[0]}' over the batch`
  const field = Object.entries(adds).find(
    ([, each]) => "dtype" in each && !(isBatch(each.dims[0]) && !each.dims.slice(1).some(isBatch))
  )
  return field && `adds '${field[0]}' (${show(field[1])}), whose rows are not those of the batch`
}

/**
 * Splits a pipeline for micro-batches. Throws a `WiringError` that names the stages where several compare the samples of a batch,
 * or where one needs the whole batch in another way.
 */
export const splitStages = (pipeline: Pipeline): Split => {
  const refuse = (problem: string) => new WiringError({ pipeline: pipeline.name, problem: `training.microBatch: ${problem}` })
  const stages = tensorStagesOf(pipeline)
  const needing = stages.find(({ needsWholeBatch }) => needsWholeBatch !== undefined)
  if (needing) throw refuse(`${needing.as} needs the whole batch at once: ${needing.needsWholeBatch}`)
  const found = stages.filter((stage) => stage.batchwise !== undefined)
  if (found.length > 1)
    throw refuse(`${found.map(({ as }) => as).join(" and ")} both compare the samples of a batch; at most one stage can`)
  const [stage] = found
  for (const each of stages.filter((each) => each !== stage)) {
    const fault = wholeBatchFault(each)
    if (fault !== undefined) throw refuse(`${each.as} ${fault}, so it needs the whole batch at once`)
  }
  if (!stage?.batchwise) return { local: stages, comparing: undefined }
  const { whole, rest, selects } = stage.batchwise
  const embeddings = Object.entries(whole.reads).flatMap(([name, field]) =>
    "dtype" in field && field.origin === "model" ? [[name, field] as const] : []
  )
  const learns = (name: string): boolean => stages.some(({ weights, adds }) => weights === "student" && Object.hasOwn(adds, name))
  return {
    local: stages.flatMap((each) => (each !== stage ? [each] : rest ? [rest] : [])),
    comparing: {
      whole,
      before: stages.slice(0, stages.indexOf(stage)),
      selects,
      embeddings: Object.fromEntries(embeddings),
      learning: embeddings.map(([name]) => name).filter(learns)
    }
  }
}
