import type { RoundSettings } from "../../pipeline/rounds-settings.ts"
import type { TrainSettings } from "../../pipeline/training-settings.ts"
import { learningRateAt } from "../schedule.ts"

/** Local steps of a round: their number, and the number before them. */
export interface RoundSpan {
  readonly from: number
  readonly steps: number
}

type Schedule = Pick<TrainSettings, "steps" | "warmup" | "learningRate" | "finalLearningRate">

/**
 * Divides a run's steps into rounds, in order. Each has `localSteps` steps, or with `growth` as many as the quadratic rule gives:
 * (growth · peak rate / rate)², from 1 to `localSteps`, where warm-up counts as the peak (Gu et al. 2024, §3). The last round may
 * be shorter.
 */
export const roundSpans = (
  { steps, warmup, learningRate, finalLearningRate }: Schedule,
  { localSteps, growth }: Pick<RoundSettings, "localSteps" | "growth">
): readonly RoundSpan[] => {
  const wanted = (step: number): number => {
    if (growth === undefined) return localSteps
    const rate = learningRateAt({ learningRate, finalLearningRate }, { step: Math.max(step, warmup), steps, warmup })
    const longest = Math.floor(((growth * learningRate) / rate) ** 2)
    return longest >= localSteps ? localSteps : Math.max(1, longest)
  }
  const spans: RoundSpan[] = []
  for (let from = 0; from < steps; ) {
    const own = Math.min(wanted(from), steps - from)
    spans.push({ from, steps: own })
    from += own
  }
  return spans
}
