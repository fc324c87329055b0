import { flops } from "../compiler/flops.ts"
import { memoryUse } from "../compiler/memory.ts"
import { prepareForOnnx } from "../compiler/onnx/passes.ts"
import { parameterLayout } from "../model/layout.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { trainingProgram } from "../train/step.ts"

/** Operations and memory of a training step, from its compiled program. */
export interface StepPlan {
  readonly flops: number
  /** Peak bytes of intermediate values. */
  readonly peakBytes: number
}

/**
 * Returns the plan of a pipeline's step for a batch size; with `microBatch`, that of one micro-batch, run as often as there are
 * micro-batches.
 */
export const stepPlan = (pipeline: Pipeline, batch: number): StepPlan => {
  const { microBatch, recompute } = pipeline.training
  const part = microBatch > 0 && microBatch < batch ? microBatch : batch
  const program = prepareForOnnx(trainingProgram(pipeline, parameterLayout(pipeline), part), { recompute })
  return { flops: (flops(program).total * batch) / part, peakBytes: memoryUse(program).peakBytes }
}
