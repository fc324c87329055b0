import { sizeOf } from "../compiler/program.ts"
import { WiringError } from "../pipeline/errors.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { ParameterSpec, Sizes, Stage, TensorStage } from "../pipeline/stage.ts"
import { taskStages } from "../pipeline/task.ts"

/** Where a parameter lives in the flat buffer of all parameters. */
export interface Slot extends ParameterSpec {
  readonly name: string
  readonly offset: number
  readonly size: number
  /** Whether the momentum teacher has a copy (at the same offset of its own buffer). */
  readonly teacher: boolean
  /** The full name of the scalar that lrScales its updates. */
  readonly lrScaleInput: string | undefined
}

/** Neighbouring parameters that are updated together, by the same rule; about as large as a core's cache. */
export interface Bucket {
  readonly offset: number
  readonly size: number
  readonly slots: readonly Slot[]
}

/** All parameters in one flat buffer: those with a teacher first, so that the teacher's buffer is a prefix of the same layout. */
export interface Layout {
  readonly slots: readonly Slot[]
  readonly length: number
  readonly teacherLength: number
  readonly buckets: readonly Bucket[]
}

const bucketFloats = 1 << 18

const tensorStages = (stages: readonly Stage[]): readonly TensorStage[] => stages.filter((stage) => stage.kind === "tensor")

const describe = (spec: ParameterSpec): string => `[${spec.shape.join(", ")}]`

type Found = ParameterSpec & { readonly by: string; readonly teacher: boolean; readonly lrScaleInput: string | undefined }

const collect = (stages: readonly Stage[], sizes: Sizes): ReadonlyMap<string, Found> => {
  const all = new Map<string, Found>()
  const taught = new Set<string>()
  for (const stage of tensorStages(stages)) {
    for (const [name, spec] of Object.entries(stage.parameters(sizes))) {
      const other = all.get(name)
      if (other && describe(other) !== describe(spec))
        throw new WiringError({
          pipeline: "layout",
          problem: `${stage.as} has '${name}' as ${describe(spec)}, but ${other.by} has it as ${describe(other)}`
        })
      const lrScale = spec.lrScale === undefined ? undefined : `${stage.as}.${spec.lrScale}`
      if (!other || (!other.lrScaleInput && lrScale))
        all.set(name, { ...spec, by: stage.as, teacher: false, lrScaleInput: lrScale })
    }
    for (const name of stage.teacherParameters(sizes)) taught.add(name)
  }
  return new Map([...all].map(([name, found]) => [name, { ...found, teacher: taught.has(name) }]))
}

const rule = (slot: Found): string =>
  `${slot.teacher ? 0 : 1}|${slot.decay ? 0 : 1}|${slot.lrScaleInput ?? ""}|${slot.clamp ?? ""}`

/** The parameters of a pipeline's stages (those of its tasks too) in one flat buffer. Errors: `WiringError` where two stages disagree. */
export const parameterLayout = (pipeline: Pipeline): Layout => {
  const found = [...collect([...pipeline.stages, ...taskStages(pipeline)], pipeline.sizes)]
  const ordered = found.map(([name, spec]) => ({ name, spec, rule: rule(spec) }))
  ordered.sort((a, b) => (a.rule === b.rule ? (a.name < b.name ? -1 : 1) : a.rule < b.rule ? -1 : 1))
  const slots: Slot[] = []
  const buckets: { offset: number; size: number; slots: Slot[] }[] = []
  let offset = 0
  let last = ""
  for (const { name, spec, rule } of ordered) {
    const size = sizeOf(spec.shape)
    const bucket = buckets.at(-1)
    const open = bucket && rule === last && bucket.size + size <= bucketFloats
    if (!open) offset = Math.ceil(offset / 16) * 16 // a bucket starts on a cache line
    const slot: Slot = { ...spec, name, offset, size }
    slots.push(slot)
    if (open) {
      bucket.slots.push(slot)
      bucket.size += size
    } else buckets.push({ offset, size, slots: [slot] })
    offset += size
    last = rule
  }
  const teacherLength = Math.max(0, ...slots.filter((slot) => slot.teacher).map((slot) => slot.offset + slot.size))
  return { slots, length: offset, teacherLength, buckets }
}
