import { flops } from "../compiler/flops.ts"
import { memoryUse } from "../compiler/memory.ts"
import { prepareForOnnx } from "../compiler/onnx/passes.ts"
import { parameterLayout } from "../model/layout.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { trainingProgram } from "../train/step.ts"

/** Operations and memory of a training step, by its compiled program. */
export interface StepPlan {
  readonly flops: number
  /** Most bytes of intermediate values alive at once. */
  readonly peakBytes: number
}

/** The plan of a pipeline's step for some batch size; with `microBatch`, that of one part, run as often as there are parts. */
export const stepPlan = (pipeline: Pipeline, batch: number): StepPlan => {
  const { microBatch, recompute } = pipeline.training
  const part = microBatch > 0 && microBatch < batch ? microBatch : batch
  const program = prepareForOnnx(trainingProgram(pipeline, parameterLayout(pipeline), part), { recompute })
  return { flops: (flops(program).total * batch) / part, peakBytes: memoryUse(program).peakBytes }
}
