import { Schema } from "effect"
import type { Progress } from "./stage.ts"

/** Schedule that rises linearly from 0 to `value` over the first `epochs`, and is constant afterwards. */
export const rampOverEpochs =
  (value: number, epochs: number) =>
  ({ step, stepsPerEpoch }: Progress): number =>
    epochs === 0 ? value : value * Math.min(1, step / (epochs * stepsPerEpoch))

/** Schedule that goes linearly from one value to another over the warm-up, and is constant afterwards. */
export const rampOverWarmup =
  (from: number, to: number) =>
  ({ step, warmup }: Progress): number =>
    step < warmup ? from + ((to - from) * step) / warmup : to

const whole = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** A length of training: in steps, in epochs, or as a share of all steps. */
export const Span = Schema.Union([
  Schema.Struct({ steps: whole }),
  Schema.Struct({ epochs: amount }),
  Schema.Struct({ share: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })) })
])
export type Span = typeof Span.Type

/** A weight that goes linearly from one value to another `over` a span, beginning after `start` (immediately by default). */
export const Ramp = Schema.Struct({ from: amount, to: amount, over: Span, start: Schema.optionalKey(Span) })
export type Ramp = typeof Ramp.Type

const stepsOf = (span: Span, { steps, stepsPerEpoch }: Progress): number =>
  "steps" in span ? span.steps : "epochs" in span ? span.epochs * stepsPerEpoch : span.share * steps

/** Returns a ramp's value at a given progress of a run. */
export const weightAt = ({ from, to, over, start }: Ramp, progress: Progress): number => {
  const since = progress.step - (start ? stepsOf(start, progress) : 0)
  const length = stepsOf(over, progress)
  if (since < 0) return from
  return since >= length ? to : from + ((to - from) * since) / length
}
