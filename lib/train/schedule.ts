import type { Progress } from "../pipeline/stage.ts"
import type { TrainSettings } from "../pipeline/training-settings.ts"

/** Returns the learning rate at a step: linear warm-up from lr/warmup, then cosine decay to the final rate (method.md §7). */
export const learningRateAt = (
  settings: Pick<TrainSettings, "learningRate" | "finalLearningRate">,
  { step, steps, warmup }: Omit<Progress, "stepsPerEpoch">
): number => {
  if (step < warmup) return (settings.learningRate * (step + 1)) / warmup
  const part = Math.min(1, (step - warmup) / Math.max(1, steps - warmup))
  return settings.finalLearningRate + 0.5 * (settings.learningRate - settings.finalLearningRate) * (1 + Math.cos(Math.PI * part))
}

/** Returns the progress of a run at a step, given the number of samples in an epoch. */
export const progressAt = (settings: TrainSettings, step: number, samples: number): Progress => ({
  step,
  steps: settings.steps,
  warmup: settings.warmup,
  stepsPerEpoch: Math.max(1, samples / settings.batch)
})
