import { WiringError } from "../../pipeline/errors.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"

/**
 * The pipeline as one slice trains it: an equal part of the batch, and nothing saved or validated on the way. Throws a `WiringError`
 * where the slices do not divide the batch.
 */
export const slicePipeline = (pipeline: Pipeline, slices: number, microBatch = pipeline.training.microBatch): Pipeline => {
  const { training } = pipeline
  if (training.batch % slices !== 0)
    throw new WiringError({
      pipeline: pipeline.name,
      sentence: `a batch of ${training.batch} cannot be shared by ${slices} slices`
    })
  const batch = training.batch / slices
  return { ...pipeline, training: { ...training, batch, microBatch, checkpointEvery: 0, validateEvery: 0 } }
}
