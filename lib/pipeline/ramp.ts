import type { Progress } from "./stage.ts"

/** A schedule that grows in a straight line from 0 to `value` over the first `epochs`, and stays there. */
export const rampOverEpochs =
  (value: number, epochs: number) =>
  ({ step, stepsPerEpoch }: Progress): number =>
    epochs === 0 ? value : value * Math.min(1, step / (epochs * stepsPerEpoch))

/** A schedule that goes in a straight line from one value to another over the warm-up, and stays there. */
export const rampOverWarmup =
  (from: number, to: number) =>
  ({ step, warmup }: Progress): number =>
    step < warmup ? from + ((to - from) * step) / warmup : to
