import { nodeFlops } from "../compiler/flops.ts"
import type { Program } from "../compiler/program.ts"
import { trace } from "../compiler/trace.ts"
import { forward } from "../model/forward.ts"
import { type Layout, parameterLayout, setOf } from "../model/layout.ts"
import { programInputs } from "../model/program-inputs.ts"
import { frozenInputs, lookup, setInputs } from "../model/windows.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { batchSizes, tensorStagesOf } from "../pipeline/tensor-stages.ts"

/** One pass of a stage: the fields and losses that are computed together. */
export interface Pass {
  /** Name of the stage (`as`). */
  readonly stage: string
  /** Weight set that it runs with; a host stage has none. */
  readonly weights: "none" | "student" | "teacher" | "frozen"
  /** Names of its added fields that another stage reads. */
  readonly fields: readonly string[]
  /** Its losses as `STAGE.NAME`. */
  readonly losses: readonly string[]
  /** Floating-point operations of its forward computation for one sample. */
  readonly flops: number
}

const fieldPrefix = "field/"
const lossPrefix = "loss/"

/** Traces the forward computation of a step as a program: an output for each field of a tensor stage, and for each loss. */
const forwardProgram = (pipeline: Pipeline, layout: Layout, batch: number): Program =>
  trace((t) => {
    const sizes = batchSizes(pipeline, batch)
    const inputs = programInputs(t, pipeline, sizes)
    const { fields, losses } = forward(tensorStagesOf(pipeline), {
      ...inputs,
      parameters: lookup("student", setInputs(t, setOf(layout, "student"))),
      teacher: lookup("teacher", setInputs(t, setOf(layout, "teacher"))),
      frozen: frozenInputs(t, layout),
      sizes
    })
    const named = (prefix: string, all: typeof fields) => Object.entries(all).map(([name, x]) => [prefix + name, x] as const)
    return { outputs: Object.fromEntries([...named(fieldPrefix, fields), ...named(lossPrefix, losses)]) }
  })

/** Part of a program that computes an output inside its own stage: operations, and the fields of other stages that they read. */
interface Cone {
  readonly output: string
  readonly nodes: ReadonlySet<number>
  readonly reads: ReadonlySet<string>
}

/** Returns the cones of a program's outputs, by the stage whose operations they end in. */
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

/** Groups the cones that share operations. */
const connected = (cones: readonly Cone[]): readonly (readonly Cone[])[] =>
  cones.reduce<readonly (readonly Cone[])[]>((groups, cone) => {
    const shares = (group: readonly Cone[]): boolean => group.some(({ nodes }) => [...cone.nodes].some((node) => nodes.has(node)))
    return [...groups.filter((group) => !shares(group)), [...groups.filter(shares).flat(), cone]]
  }, [])

/** A pass with the fields it reads. */
export interface Reading extends Pass {
  readonly reads: readonly string[]
}

const named = (cones: readonly Cone[], prefix: string): readonly string[] =>
  cones.flatMap(({ output }) => (output.startsWith(prefix) ? [output.slice(prefix.length)] : []))

/**
 * Returns the passes of a pipeline's tensor stages: fields and losses of one stage that share operations of the traced step are
 * one pass, such as an encoder on the masked image. Errors: `WiringError`, `TraceError`.
 */
export const tensorPasses = (pipeline: Pipeline): readonly Reading[] => {
  if (tensorStagesOf(pipeline).length === 0) return []
  const batch = 2 // the smallest batch with negatives
  const program = forwardProgram(pipeline, parameterLayout(pipeline), batch)
  const cones = conesOf(program, pipeline)
  return tensorStagesOf(pipeline).flatMap(({ as, weights }) =>
    connected(cones.get(as) ?? []).map((group): Reading => {
      const nodes = new Set(group.flatMap((cone) => [...cone.nodes]))
      return {
        stage: as,
        weights: typeof weights === "string" ? weights : "frozen",
        fields: named(group, fieldPrefix),
        losses: named(group, lossPrefix),
        flops: [...nodes].reduce((sum, node) => sum + nodeFlops(program, program.nodes[node]!), 0) / batch,
        reads: [...new Set(group.flatMap((cone) => [...cone.reads]))]
      }
    })
  )
}
