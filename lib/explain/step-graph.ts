import { nodeFlops } from "../compiler/flops.ts"
import type { Program } from "../compiler/program.ts"
import { trace } from "../compiler/trace.ts"
import { forward } from "../model/forward.ts"
import { type Layout, parameterLayout } from "../model/layout.ts"
import { programInputs } from "../model/program-inputs.ts"
import { lookup, parameterWindow } from "../model/windows.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { Stage } from "../pipeline/stage.ts"
import { tensorStagesOf } from "../pipeline/tensor-stages.ts"
import { type Arrow, visibleArrows } from "./visible-arrows.ts"

/** One pass of a stage: the fields and losses that are computed together. */
export interface Pass {
  /** The stage's `as`. */
  readonly stage: string
  readonly weights: "none" | "student" | "teacher"
  /** Names of the fields it adds that another stage reads. */
  readonly fields: readonly string[]
  readonly losses: readonly string[]
  /** Floating-point operations of its forward computation for one sample. */
  readonly flops: number
}

/** A training step as a graph of passes; arrows lead from the pass that adds a field to those that read it. */
export interface StepGraph {
  /** Fields that the source gives and a stage reads. */
  readonly sources: readonly string[]
  readonly passes: readonly Pass[]
  readonly arrows: readonly Arrow[]
}

const fieldPrefix = "field/"
const lossPrefix = "loss/"

/** The forward computation of a step as a program: an output for each field of a tensor stage, and for each loss. */
const forwardProgram = (pipeline: Pipeline, layout: Layout, batch: number): Program =>
  trace((t) => {
    const sizes = { ...pipeline.sizes, batch }
    const inputs = programInputs(t, pipeline, sizes)
    const windows = (buffer: string, slots: Layout["slots"]) =>
      new Map(slots.map((slot) => [slot.name, parameterWindow(t, buffer, slot)]))
    const { fields, losses } = forward(tensorStagesOf(pipeline), {
      ...inputs,
      parameters: lookup("student", windows("student", layout.slots)),
      teacher: lookup(
        "teacher",
        windows(
          "teacher",
          layout.slots.filter(({ teacher }) => teacher)
        )
      ),
      sizes
    })
    const named = (prefix: string, all: typeof fields) => Object.entries(all).map(([name, x]) => [prefix + name, x] as const)
    return { outputs: Object.fromEntries([...named(fieldPrefix, fields), ...named(lossPrefix, losses)]) }
  })

/** What an output is computed from inside its own stage: operations, and the fields of other stages. */
interface Cone {
  readonly output: string
  readonly nodes: ReadonlySet<number>
  readonly reads: ReadonlySet<string>
}

/** Cones of a program's outputs, by the stage whose operations they end in. */
const conesOf = (program: Program, pipeline: Pipeline): ReadonlyMap<string, readonly Cone[]> => {
  const made = new Map(program.nodes.flatMap((node, i) => node.outputs.map((output): [number, number] => [output, i])))
  const stageOf = new Map(
    pipeline.stages.flatMap(({ as, adds }) => Object.keys(adds).map((name): [string, string] => [name, as]))
  )
  const fieldOf = new Map(
    program.outputs.flatMap(({ name, value }): [number, string][] =>
      name.startsWith(fieldPrefix) ? [[value, name.slice(fieldPrefix.length)]] : []
    )
  )
  const cones = new Map<string, Cone[]>()
  for (const { name: output, value } of program.outputs) {
    const own = output.startsWith(fieldPrefix) ? stageOf.get(output.slice(fieldPrefix.length)) : undefined
    const stage = own ?? program.nodes[made.get(value) ?? -1]?.stage
    if (stage === undefined || !tensorStagesOf(pipeline).some(({ as }) => as === stage)) continue
    const [nodes, reads, seen, open] = [new Set<number>(), new Set<string>(), new Set<number>(), [value]]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue
      seen.add(at)
      const field = fieldOf.get(at)
      if (field !== undefined && stageOf.get(field) !== stage) reads.add(field)
      else {
        const node = made.get(at)
        if (node === undefined) continue
        nodes.add(node)
        open.push(...program.nodes[node]!.inputs)
      }
    }
    cones.set(stage, [...(cones.get(stage) ?? []), { output, nodes, reads }])
  }
  return cones
}

/** Cones that share operations, together. */
const connected = (cones: readonly Cone[]): readonly (readonly Cone[])[] =>
  cones.reduce<readonly (readonly Cone[])[]>((groups, cone) => {
    const shares = (group: readonly Cone[]): boolean => group.some(({ nodes }) => [...cone.nodes].some((node) => nodes.has(node)))
    return [...groups.filter((group) => !shares(group)), [...groups.filter(shares).flat(), cone]]
  }, [])

/** A pass with the fields it reads. */
interface Reading extends Pass {
  readonly reads: readonly string[]
}

const named = (cones: readonly Cone[], prefix: string): readonly string[] =>
  cones.flatMap(({ output }) => (output.startsWith(prefix) ? [output.slice(prefix.length)] : []))

const tensorPasses = (pipeline: Pipeline): readonly Reading[] => {
  if (tensorStagesOf(pipeline).length === 0) return []
  const batch = 2 // the least that has negatives
  const program = forwardProgram(pipeline, parameterLayout(pipeline), batch)
  const cones = conesOf(program, pipeline)
  return tensorStagesOf(pipeline).flatMap(({ as, momentum }) =>
    connected(cones.get(as) ?? []).map((group): Reading => {
      const nodes = new Set(group.flatMap((cone) => [...cone.nodes]))
      return {
        stage: as,
        weights: momentum ? "teacher" : "student",
        fields: named(group, fieldPrefix),
        losses: named(group, lossPrefix),
        flops: [...nodes].reduce((sum, node) => sum + nodeFlops(program, program.nodes[node]!), 0) / batch,
        reads: [...new Set(group.flatMap((cone) => [...cone.reads]))]
      }
    })
  )
}

const hostPass = (stage: Stage): Reading => ({
  stage: stage.as,
  weights: "none",
  fields: Object.keys(stage.adds),
  losses: [],
  flops: 0,
  reads: Object.keys(stage.reads)
})

/** Whether two passes of one stage are drawn as one: later passes read them together more than once, or they only choose rows for one. */
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

const drawnTogether = (passes: readonly Reading[]): readonly Reading[] =>
  passes.reduce<readonly Reading[]>((before, pass) => {
    const other = before.findIndex((earlier) => belongTogether(earlier, pass, passes))
    return other < 0 ? [...before, pass] : before.map((earlier, i) => (i === other ? merged(earlier, pass) : earlier))
  }, [])

/** Passes that lead to a loss, without the fields that nobody reads. A pipeline without losses keeps all of its passes. */
const needed = (passes: readonly Reading[]): readonly Reading[] => {
  if (passes.every(({ losses }) => losses.length === 0)) return passes
  return passes.reduceRight<readonly Reading[]>((later, pass) => {
    const fields = pass.fields.filter((name) => later.some(({ reads }) => reads.includes(name)))
    return fields.length > 0 || pass.losses.length > 0 ? [{ ...pass, fields }, ...later] : later
  }, [])
}

/**
 * A pipeline's training step as a graph of passes. Fields and losses of one stage that share operations of the traced step are one
 * pass, such as an encoder on the masked image. Errors: `WiringError`, `TraceError`.
 */
export const stepGraph = (pipeline: Pipeline): StepGraph => {
  const hosts = pipeline.stages.filter(({ kind }) => kind === "host").map(hostPass)
  const passes = drawnTogether(needed([...hosts, ...tensorPasses(pipeline)]))
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
