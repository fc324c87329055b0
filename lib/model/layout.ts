import { sizeOf } from "../compiler/program.ts"
import { WiringError } from "../pipeline/errors.ts"
import { frozenSetsOf } from "../pipeline/frozen-sets.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { ParameterSpec, TensorStage } from "../pipeline/stage.ts"
import { taskStages } from "../pipeline/task.ts"
import { sizesOf } from "../pipeline/tensor-stages.ts"
import { type FrozenSet, setName } from "../pipeline/weight-set.ts"
import { lrMultipliers } from "./lr-multipliers.ts"
import { specFault } from "./spec-fault.ts"

/** Location of a parameter in the flat buffer of its set. */
export interface Slot extends ParameterSpec {
  readonly name: string
  readonly offset: number
  readonly size: number
  /** True where the momentum teacher has a copy (at the same offset of its own buffer). */
  readonly hasTeacher: boolean
  /** Full name of the scalar that scales its gradient and learning rate. */
  readonly lrScaleInput: string | undefined
  /** Constant multiplier of its learning rate; 0: it is frozen, without gradient. */
  readonly lrMultiplier: number
}

/** Adjacent parameters that are updated together by the same rule; about as large as a core's cache. */
export interface Bucket {
  readonly offset: number
  readonly size: number
  readonly slots: readonly Slot[]
}

/** A set of parameters: its flat buffer and its role. */
export interface SetLayout {
  readonly name: string
  /** Name of the state buffer that holds its parameters. */
  readonly buffer: string
  /** `optimised` has gradient and moments, `averaged` is its moving average (an EMA), `fixed` stays as it was read. */
  readonly role: "optimised" | "averaged" | "fixed"
  readonly slots: readonly Slot[]
  readonly length: number
  /** Its file in a checkpoint; a fixed set has none. */
  readonly file?: string
  /** Source of a fixed set. */
  readonly source?: FrozenSet
}

/** All parameters of a pipeline, set by set; `slots`, `length` and `buckets` are the student's. */
export interface Layout {
  readonly slots: readonly Slot[]
  readonly length: number
  readonly buckets: readonly Bucket[]
  /** The student's, the teacher's where there is one, then the frozen ones by name. */
  readonly sets: readonly SetLayout[]
}

/** Returns a layout's set of a given name; undefined where it has none. */
export const setOf = ({ sets }: Pick<Layout, "sets">, name: string): SetLayout | undefined =>
  sets.find((set) => set.name === name)

const bucketFloats = 1 << 18

type Found = ParameterSpec & { readonly by: string; readonly hasTeacher: boolean; readonly lrScaleInput: string | undefined }

/** Collects the parameters of stages of one family. Throws a `WiringError` where two stages specify one parameter differently. */
const collect = (stages: readonly TensorStage[], pipeline: Pipeline): ReadonlyMap<string, Found> => {
  const all = new Map<string, Found>()
  const withTeacher = new Set<string>()
  for (const stage of stages) {
    const sizes = sizesOf(stage, pipeline.sizes)
    for (const [name, spec] of Object.entries(stage.parameters(sizes))) {
      const other = all.get(name)
      const fault = other && specFault(spec, other)
      if (fault)
        throw new WiringError({
          pipeline: "layout",
          problem: `${stage.as} has '${name}' ${fault[0]}, but ${other.by} has it ${fault[1]}`
        })
      if (other) continue
      const lrScaleInput = spec.lrScale === undefined ? undefined : `${stage.as}.${spec.lrScale}`
      all.set(name, { ...spec, by: stage.as, hasTeacher: false, lrScaleInput })
    }
    for (const name of stage.teacherParameters(sizes)) withTeacher.add(name)
  }
  return new Map([...all].map(([name, found]) => [name, { ...found, hasTeacher: withTeacher.has(name) }]))
}

const rule = ({ hasTeacher, decay, lrScaleInput, clamp, lrMultiplier }: Found & Pick<Slot, "lrMultiplier">): string =>
  `${hasTeacher ? 0 : 1}|${decay ? 0 : 1}|${lrScaleInput ?? ""}|${clamp ?? ""}${lrMultiplier === 1 ? "" : `|${lrMultiplier}`}`

/**
 * Arranges parameters in one flat buffer, those with a teacher first, so that the teacher's buffer is a prefix of the same
 * layout.
 */
const arranged = (found: ReadonlyMap<string, Found>, multipliers: ReadonlyMap<string, number> = new Map()) => {
  const ordered = [...found].map(([name, one]) => {
    const spec = { ...one, lrMultiplier: multipliers.get(name) ?? 0 }
    return { name, spec, rule: rule(spec) }
  })
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
  return { slots, length: offset, buckets }
}

/**
 * Returns the parameters of a pipeline's stages (its tasks' included), each set in a flat buffer. Errors: `WiringError` where two
 * stages specify a parameter differently.
 */
export const parameterLayout = (pipeline: Pipeline): Layout => {
  const stages = [...pipeline.stages, ...taskStages(pipeline)].filter((stage) => stage.kind === "tensor")
  const found = collect(
    stages.filter(({ weights }) => typeof weights === "string"),
    pipeline
  )
  const trained = arranged(found, lrMultipliers(pipeline.name, pipeline.training, [...found.keys()]))
  const { slots, length } = trained
  const ofTeacher = slots.filter((slot) => slot.hasTeacher)
  const last = ofTeacher.at(-1)
  const frozen = [...frozenSetsOf(pipeline)].map(([name, source]): SetLayout => {
    const own = arranged(
      collect(
        stages.filter(({ weights }) => typeof weights === "object" && setName(weights) === name),
        pipeline
      )
    )
    return { name, buffer: `frozen.${name}`, role: "fixed", slots: own.slots, length: own.length, source }
  })
  const student: SetLayout = { name: "student", buffer: "student", role: "optimised", slots, length, file: "model.safetensors" }
  const teacher: readonly SetLayout[] = last
    ? [
        {
          ...{ name: "teacher", buffer: "teacher", role: "averaged", file: "teacher.safetensors" },
          slots: ofTeacher,
          length: last.offset + last.size
        }
      ]
    : []
  return { ...trained, sets: [student, ...teacher, ...frozen] }
}
