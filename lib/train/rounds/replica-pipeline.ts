import { WiringError } from "../../pipeline/errors.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"

/**
 * Returns the pipeline as one replica trains it: an equal part of the batch, without checkpoints or validation. Throws a
 * `WiringError` where the replicas do not divide the batch.
 */
export const replicaPipeline = (pipeline: Pipeline, replicas: number, microBatch = pipeline.training.microBatch): Pipeline => {
  const { training } = pipeline
  if (training.batch % replicas !== 0)
    throw new WiringError({
      pipeline: pipeline.name,
      problem: `a batch of ${training.batch} cannot be shared by ${replicas} replicas`
    })
  const batch = training.batch / replicas
  return { ...pipeline, training: { ...training, batch, microBatch, checkpointEvery: 0, validateEvery: 0 } }
}
