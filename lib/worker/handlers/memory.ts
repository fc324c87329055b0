import { EngineError } from "../../engine/engine.ts"
import { JobFailed } from "../../job/job-error.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import { splitStages } from "../../train/accumulate/batchwise.ts"

const outOfMemory = /out of memory|\bOOM\b|RESOURCE_EXHAUSTED|failed to allocate|bad_alloc/i

/** True where an engine failed since memory ran out, a GPU's or this machine's. */
export const forWantOfMemory = (error: unknown): error is EngineError =>
  error instanceof EngineError && outOfMemory.test(error.reason)

/** Returns the error to record where halving the step does not help. */
export const tooLarge = ({ message }: EngineError): JobFailed =>
  new JobFailed({ reason: "out-of-memory", detail: `${message}; more replicas or a smaller batch need less` })

/**
 * True where a replica's step can be split into two halves: its batch is not split yet and even, and no stage needs the whole
 * batch.
 */
export const divides = (pipeline: Pipeline, replicas: number): boolean => {
  const { batch, microBatch } = pipeline.training
  if (microBatch > 0 || (batch / replicas) % 2 !== 0) return false
  try {
    splitStages(pipeline)
    return true
  } catch {
    return false
  }
}
