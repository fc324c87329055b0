import type { Pipeline } from "../pipeline/pipeline.ts"
import { partField } from "../pipeline/source-part.ts"
import type { Stage } from "../pipeline/stage.ts"
import { type Pass, type Reading, tensorPasses } from "./step-passes.ts"
import { type Arrow, visibleArrows } from "./visible-arrows.ts"

/** A training step as a graph of passes; arrows lead from the pass that adds a field to those that read it. */
export interface StepGraph {
  /** Fields that the source gives and a stage reads. */
  readonly sources: readonly string[]
  readonly passes: readonly Pass[]
  readonly arrows: readonly Arrow[]
}

const hostPass = (stage: Stage): Reading => ({
  stage: stage.as,
  weights: "none",
  fields: Object.keys(stage.adds),
  losses: [],
  flops: 0,
  reads: Object.keys(stage.reads)
})

/** The host passes of the parts of a batch, with the names that their fields have in the main chain. */
const partPasses = ({ parts = {} }: Pipeline): readonly Reading[] =>
  Object.entries(parts).flatMap(([part, { stages }]) => {
    const renamed = (names: readonly string[]) => names.map((name) => partField(part, name))
    return stages.map(hostPass).map((pass) => ({
      ...pass,
      stage: `${part}.${pass.stage}`,
      fields: renamed(pass.fields),
      reads: renamed(pass.reads)
    }))
  })

/** Tells whether two passes of one stage are drawn as one: later passes read them together more than once, or both only select rows for one. */
const belongTogether = (a: Reading, b: Reading, all: readonly Reading[]): boolean => {
  if (a.stage !== b.stage || a.losses.length > 0 || b.losses.length > 0) return false
  const reading = ({ fields }: Reading) => all.filter(({ reads }) => reads.some((name) => fields.includes(name)))
  const [ofA, ofB] = [reading(a), reading(b)]
  const both = ofA.filter((reader) => ofB.includes(reader)).length
  return both > 1 || (a.flops + b.flops < 1e6 && both === 1 && ofA.length === 1 && ofB.length === 1)
}

const merged = (a: Reading, b: Reading): Reading => ({
  ...a,
  fields: [...a.fields, ...b.fields],
  flops: a.flops + b.flops,
  reads: [...new Set([...a.reads, ...b.reads])]
})

const drawnTogether = (passes: readonly Reading[]): readonly Reading[] => {
  const drawn: Reading[] = []
  for (const pass of passes) {
    const other = drawn.findIndex((earlier) => belongTogether(earlier, pass, passes))
    if (other < 0) drawn.push(pass)
    else drawn[other] = merged(drawn[other]!, pass)
  }
  return drawn
}

/**
 * Returns the passes that lead to a loss, without fields that are never read. A pipeline without losses keeps all of its passes.
 */
const needed = (passes: readonly Reading[]): readonly Reading[] => {
  if (passes.every(({ losses }) => losses.length === 0)) return passes
  const later: Reading[] = []
  for (const pass of passes.toReversed()) {
    const fields = pass.fields.filter((name) => later.some(({ reads }) => reads.includes(name)))
    if (fields.length > 0 || pass.losses.length > 0) later.unshift({ ...pass, fields })
  }
  return later
}

/** Returns a pipeline's training step as a graph of passes, few enough to be drawn. Errors: `WiringError`, `TraceError`. */
export const stepGraph = (pipeline: Pipeline): StepGraph => {
  const hosts = pipeline.stages.filter(({ kind }) => kind === "host").map(hostPass)
  const passes = drawnTogether(needed([...partPasses(pipeline), ...hosts, ...tensorPasses(pipeline)]))
  const by = new Map(passes.flatMap(({ fields }, i) => fields.map((name): [string, number] => [name, i])))
  const sources = [...new Set(passes.flatMap(({ reads }) => reads.filter((name) => !by.has(name))))]
  const arrows = passes.flatMap(({ reads }, to): readonly Arrow[] => {
    const from = Map.groupBy(reads, (name) => by.get(name) ?? "source")
    return [...from].map(([from, fields]) => ({ from, to, fields }))
  })
  const isState = (name: string): boolean => {
    const field = pipeline.fields[name]
    return field !== undefined && "origin" in field && field.origin === "model"
  }
  return { sources, passes: passes.map(({ reads, ...pass }) => pass), arrows: visibleArrows(arrows, isState) }
}
