import { WiringError } from "../../pipeline/errors.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import type { Selection, TensorStage } from "../../pipeline/stage.ts"
import { tensorStagesOf } from "../../pipeline/tensor-stages.ts"
import { isBatch, show, type TensorField } from "../../tensor/field.ts"

/** A pipeline's stages, taken apart by whether they look at one sample or at the whole batch. */
export interface Split {
  /** What works on one sample at a time, in order, with what is left of the stage that `comparing` was taken from. */
  readonly local: readonly TensorStage[]
  /** What compares the samples of a batch; undefined where nothing does. */
  readonly comparing: Comparing | undefined
}

/** What of a pipeline works on the whole batch. */
export interface Comparing {
  readonly whole: TensorStage
  /** The stages before it. */
  readonly before: readonly TensorStage[]
  readonly selects: { readonly [field: string]: Selection }
  /** Fields that `whole` reads and a model makes. */
  readonly embeddings: { readonly [field: string]: TensorField }
  /** Those of them whose gradient is wanted: that a stage with the student's parameters makes. */
  readonly learning: readonly string[]
}

/** Says what shows that a stage looks at the whole batch although it does not say so; undefined where nothing does. */
const wholeBatchFault = ({ noise, adds }: TensorStage): string | undefined => {
  const drawn = Object.entries(noise).find(([, { dims }]) => dims.some(isBatch))
  if (drawn) return `draws '${drawn[0]}' over the batch`
  const field = Object.entries(adds).find(
    ([, each]) => "dtype" in each && !(isBatch(each.dims[0]) && !each.dims.slice(1).some(isBatch))
  )
  return field && `adds '${field[0]}' (${show(field[1])}), whose rows are not those of the batch`
}

/**
 * Takes a pipeline apart for micro-batches. Throws a `WiringError` naming the stages where several compare the samples of a batch, or
 * one needs the whole batch in another way.
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
