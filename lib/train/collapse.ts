import type { Watch } from "../pipeline/stage.ts"
import { TrainingError } from "../run-folder/errors.ts"

/** How close to an end counts as sitting there, as a part of the limit, and for how many logged steps in a row. */
const margin = 0.002

/** A metric that a stage has watched. */
export interface StageWatch extends Watch {
  readonly stage: string
}

/**
 * Watches metrics for collapse (method.md §5): the entropy of the teacher's targets at 0 (one prototype for all) or at its limit
 * (no prototype at all). Gives an error once a metric sat at one end for `patience` logged steps in a row.
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

/** The error for a loss that is not finite, naming the losses and the samples of the batch; undefined where all are finite. */
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
