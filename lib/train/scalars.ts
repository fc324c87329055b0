import type { NamedNumbers } from "../engine/engine.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { tensorStagesOf } from "../pipeline/tensor-stages.ts"
import { adamwScalars } from "./adamw.ts"
import { lossWeightScalars } from "./loss-weights.ts"
import { learningRateAt, progressAt } from "./schedule.ts"

/** Returns the scheduled scalars of a step as feeds: learning rate, AdamW's bias corrections, momentum, and the stages' own. */
export const stepScalars = (
  pipeline: Pipeline,
  step: number,
  samples: number
): { readonly lr: number; readonly feeds: NamedNumbers } => {
  const settings = pipeline.training
  const progress = progressAt(settings, step, samples)
  const lr = learningRateAt(settings, progress)
  const own = tensorStagesOf(pipeline).flatMap((stage) =>
    Object.entries(stage.scalars).map(([name, at]) => [`scalar/${stage.as}.${name}`, at(progress)] as const)
  )
  const common = Object.entries({ ...adamwScalars(step + 1, lr, settings), momentum: settings.momentum }).map(
    ([name, value]) => [`scalar/${name}`, value] as const
  )
  const weights = Object.entries(lossWeightScalars(settings.lossWeights, progress))
  return { lr, feeds: Object.fromEntries([...common, ...own, ...weights].map(([name, value]) => [name, Float32Array.of(value)])) }
}
