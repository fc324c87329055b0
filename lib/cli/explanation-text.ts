import type { ExplainedSet, ExplainedStage, Explanation } from "../explain/explain.ts"
import type { CacheState } from "../explain/explain-cache.ts"
import { compact } from "../log/compact.ts"
import { table } from "../log/table.ts"

const stageText = ({ as, stage, kind, reads, adds, parameters, noise }: ExplainedStage): string => {
  const kindOf = stage === as ? `${kind} stage` : `${kind} stage ${stage}`
  const rows = adds.map(({ name, type, shape }) => [`    ${name}`, type, shape])
  return [
    `${as}: ${kindOf}${parameters === 0 ? "" : `, ${compact(parameters)} parameters`}${noise.length === 0 ? "" : `, noise ${noise.join(" ")}`}`,
    `  reads ${reads.map(({ name }) => name).join(" ")}`,
    ...(rows.length === 0 ? ["  adds nothing but losses"] : [table(["  adds", "", ""], rows)])
  ].join("\n")
}

/** Contents of the cache, for the text and for `--json`. */
export interface CacheSummary {
  readonly samples: number
  readonly stages: readonly CacheState[]
  readonly problem?: string
}

const cacheLines = ({ samples, stages, problem }: CacheSummary): string => {
  if (problem !== undefined) return `cache: unknown, ${problem}`
  const rows = stages.map(({ stage, probed, found, why }) => [stage, probed === 0 ? "–" : `${found} of ${probed}`, why])
  return `${samples} samples\n${table(["prepared", "found", "why"], rows)}`
}

const roles = { optimised: "optimised, with two moments", averaged: "moving average of the student's", fixed: "frozen" }

const setRow = ({ name, role, parameters, bytes, from, digest }: ExplainedSet): readonly string[] => {
  const place = from === undefined ? "" : `, from ${from}${digest ? ` (${digest.slice(0, 12)}…)` : ""}`
  return [name, compact(parameters), compact(bytes, "B"), roles[role] + place]
}

/** Formats an explanation as text for a terminal. */
export const explanationText = (explanation: Explanation, cache: CacheSummary): string => {
  const { name, digest, source, batch, parts = {}, steps, sizes, stages, score, sets, step } = explanation
  const costs = step
    ? [
        `a step: ${step.nodes} operations${step.flops === undefined ? "" : `, ${compact(step.flops, "FLOP")}`}`,
        `memory: ${compact(step.stateBytes, "B")} of state, ${compact(step.fedBytes, "B")} fed per step${step.peakBytes === undefined ? "" : `, ${compact(step.peakBytes, "B")} peak`}`
      ]
    : []
  return [
    `${name}  ${digest.slice(0, 16)}`,
    `data: ${source.train}${source.heldOut === null ? "" : `, held out: ${source.heldOut}`}; batch ${batch}, ${steps} steps`,
    ...Object.entries(parts).map(([part, own]) => `part ${part}: ${own.source.train}, batch ${own.batch}`),
    `sizes: ${Object.entries(sizes)
      .map(([dimension, size]) => `${dimension} ${size}`)
      .join(", ")}`,
    ...Object.entries(parts).flatMap(([part, own]) =>
      own.stages.flatMap((stage) => ["", stageText({ ...stage, as: `${part}.${stage.as}` })])
    ),
    ...stages.flatMap((stage) => ["", stageText(stage)]),
    ...(score.length > 0 ? ["", "To score a pair:", ...score.flatMap((stage) => ["", stageText(stage)])] : []),
    "",
    table(["weights", "parameters", "memory", ""], sets.map(setRow)),
    ...costs,
    "",
    cacheLines(cache)
  ].join("\n")
}
