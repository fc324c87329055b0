import type { Watch } from "../pipeline/stage.ts"
import { TrainingError } from "../run-folder/errors.ts"

/**
 * Distance from an end, as a share of the limit, within which a metric counts as collapsed, and the number of consecutive logged
 * steps.
 */
const margin = 0.002

/** A metric that a stage declares to be watched. */
export interface StageWatch extends Watch {
  readonly stage: string
}

/**
 * Watches metrics for collapse (method.md §5): entropy of the teacher's targets at 0 (one prototype for all inputs) or at its
 * limit (uniform over prototypes). Returns an error once a metric has stayed at one end for `patience` consecutive logged steps.
 */
export const collapseWatch = (watches: readonly StageWatch[], patience: number) => {
  const sat = new Map<string, number>()
  return (step: number, metrics: { readonly [name: string]: number }): TrainingError | undefined => {
    for (const { stage, metric: name, limit } of watches) {
      const metric = Object.hasOwn(metrics, `${stage}.${name}`) ? `${stage}.${name}` : name
      const value = metrics[metric]
      if (value === undefined) continue
      const low = value < margin * limit
      const high = value > (1 - margin) * limit
      const count = low || high ? (sat.get(metric) ?? 0) + 1 : 0
      sat.set(metric, count)
      if (count >= patience)
        return new TrainingError({
          step,
          reason: `the run has collapsed: ${metric} is ${value.toPrecision(4)} (between 0 and ${limit.toPrecision(4)}) for ${count} logged steps`
        })
    }
    return undefined
  }
}

/**
 * Returns the error for a loss that is not finite, which names the losses and the samples of the batch; undefined where all are
 * finite.
 */
export const nonFinite = (
  step: number,
  losses: { readonly [name: string]: number },
  ids: readonly string[]
): TrainingError | undefined => {
  const bad = Object.entries(losses).filter(([, value]) => !Number.isFinite(value))
  if (bad.length === 0) return undefined
  const shown = Object.entries(losses).map(([name, value]) => `${name}=${Number(value.toPrecision(4))}`)
  return new TrainingError({
    step,
    reason: `${bad.map(([name]) => name).join(", ")} not finite (${shown.join(" ")}); samples: ${ids.slice(0, 8).join(" ")}${ids.length > 8 ? ` and ${ids.length - 8} more` : ""}`
  })
}
