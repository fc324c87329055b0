import { loggedBy } from "../../model/logged-names.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import type { Stages } from "../../pipeline/task.ts"
import type { MetricsLine } from "../../run-folder/metrics.ts"
import type { Leading } from "./leading.ts"

/** Share of the loss of a constant prediction from which on a loss counts as no lower. */
const noLower = 0.99

/** Window at the end of the metrics over which a loss is averaged: a minimum number of lines, and a share of all lines. */
const window = { fewest: 5, share: 0.1 }

/**
 * Returns the losses that train the chain that scores pairs, with the loss of a constant prediction: those of stages that share
 * its parameters.
 */
const guesses = (
  { stages, sizes }: Pipeline,
  { stages: score }: Stages
): ReadonlyArray<readonly [stage: string, name: string, guess: number]> => {
  const scoring = score.filter((stage) => stage.kind === "tensor" && Object.hasOwn(stage.adds, "matchProbability"))
  const names = new Set(scoring.flatMap((stage) => (stage.kind === "tensor" ? Object.keys(stage.parameters(sizes)) : [])))
  return stages.flatMap((stage) =>
    stage.kind === "tensor" && stage.weights === "student" && Object.keys(stage.parameters(sizes)).some((name) => names.has(name))
      ? Object.entries(stage.guesses ?? {}).map(([name, guess]) => [stage.as, name, guess] as const)
      : []
  )
}

/**
 * Returns the loss of the matching head that re-ranks where the mean of its last lines is no lower than that of a constant
 * prediction, i.e. the head is untrained; undefined where it is lower or unknown.
 */
export const untrainedMatching = (pipeline: Pipeline, chain: Stages, metrics: readonly MetricsLine[]): Leading["untrained"] => {
  for (const [stage, name, guess] of guesses(pipeline, chain)) {
    const values = metrics
      .map((line) => loggedBy(line, stage, name))
      .filter((value) => value !== undefined)
      .filter((value) => Number.isFinite(value))
    const last = values.slice(-Math.max(window.fewest, Math.ceil(window.share * values.length)))
    if (last.length === 0) continue
    const loss = last.reduce((sum, value) => sum + value, 0) / last.length
    if (loss >= noLower * guess) return { name, loss, guess }
  }
  return undefined
}
