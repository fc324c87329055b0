import { WiringError } from "../../pipeline/errors.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import { withBatch } from "../../pipeline/tensor-stages.ts"

/**
 * The pipeline as one replica trains it: an equal part of the batch, and of that of each part, and nothing saved or validated on the way. Throws a `WiringError`
 * where the replicas do not divide a batch.
 */
export const replicaPipeline = (pipeline: Pipeline, replicas: number, microBatch = pipeline.training.microBatch): Pipeline => {
  const { training } = pipeline
  if (training.batch % replicas !== 0)
    throw new WiringError({
      pipeline: pipeline.name,
      problem: `a batch of ${training.batch} cannot be shared by ${replicas} replicas`
    })
  const unshared = Object.entries(pipeline.parts ?? {}).find(([, part]) => part.batch % replicas !== 0)
  if (unshared)
    throw new WiringError({
      pipeline: pipeline.name,
      problem: `${unshared[0]}.batch, ${unshared[1].batch}, cannot be shared by ${replicas} replicas`
    })
  const own = withBatch(pipeline, training.batch / replicas)
  return { ...own, training: { ...own.training, microBatch, checkpointEvery: 0, validateEvery: 0 } }
}
