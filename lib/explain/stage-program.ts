import type * as tf from "@tensorflow/tfjs"
import { type Program, sizeOf } from "../compiler/program.ts"
import { trace } from "../compiler/trace.ts"
import type { NamedNumbers, Numbers } from "../engine/engine.ts"
import { forward } from "../model/forward.ts"
import { WiringError } from "../pipeline/errors.ts"
import type { Progress, Sizes, TensorStage } from "../pipeline/stage.ts"
import { batchOf, shapeOf } from "../pipeline/tensor-stages.ts"
import { trainSettings } from "../pipeline/training-settings.ts"
import { derive, drawKey, type Key } from "../random/key.ts"
import { type Dtype, dimensionParts, show } from "../tensor/field.ts"
import { progressAt } from "../train/schedule.ts"
import { isRecordedTensor, type Recorded, type RecordedTensor } from "./recorded.ts"

/** The first step of a run, for schedules. */
const firstStep: Progress = progressAt(trainSettings({ batch: 1, steps: 1, learningRate: 0 }), 0, 1)

const fieldsOf = (stage: TensorStage, input: Recorded): ReadonlyMap<string, RecordedTensor> =>
  new Map(
    Object.entries(stage.reads).flatMap(([name, field]): [string, RecordedTensor][] => {
      if (!("dtype" in field)) return []
      const given = input[name]
      if (isRecordedTensor(given)) return [[name, given]]
      throw new WiringError({
        pipeline: stage.as,
        problem: `${stage.stage} reads '${name}' (${show(field)}), which is not in the input`
      })
    })
  )

/** Returns all sizes: the stage's own, the given ones of other stages, and those derived from the input's shapes. */
const sizesOf = (stage: TensorStage, fields: ReadonlyMap<string, RecordedTensor>, known: Sizes): Sizes => {
  const fromShapes = [...fields].flatMap(([name, { shape }]) => {
    const field = stage.reads[name]!
    const dims = "dtype" in field ? field.dims : []
    return dims.map((text, axis): [string, number] => [dimensionParts(text).name, (shape[axis] ?? 0) - dimensionParts(text).more])
  })
  return { ...known, ...Object.fromEntries(fromShapes), ...stage.sizes }
}

/** An input of the program, collected during tracing. */
interface Fed {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: Dtype
  readonly numbers: Numbers
}

/** Returns all inputs of a stage, by the name under which they may be given: fields, noise, scalars, parameters and state. */
const fedOf = (
  stage: TensorStage,
  input: Recorded,
  key: Key,
  known: Sizes
): { readonly fed: readonly Fed[]; readonly sizes: Sizes } => {
  const fields = fieldsOf(stage, input)
  const sizes = sizesOf(stage, fields, known)
  const batch = sizes[batchOf(stage)] ?? 1
  const root = derive(key, "initial")
  const made = (name: string, dtype: Dtype, shape: readonly number[], make: () => Numbers): Fed => {
    const given = input[name]
    return { name, dtype, shape, numbers: isRecordedTensor(given) ? given.data : make() }
  }
  const noise = Object.entries(stage.noise).map(([name, { dtype, dims, draw }]) => {
    const shape = shapeOf(dims, sizes)
    return made(`noise/${name}`, dtype, [batch, ...shape], () => {
      const rows = Array.from({ length: batch }, (_, i) =>
        draw(drawKey(key, { epoch: 0, sample: String(i), stage: stage.as, purpose: name }), shape)
      )
      const all = rows[0]!.constructor as Float32ArrayConstructor
      return all.from(rows.flatMap((row) => [...row]))
    })
  })
  const scalars = Object.entries(stage.scalars).map(([name, at]) =>
    made(`scalar/${name}`, "float32", [], () => Float32Array.of(at(firstStep)))
  )
  const specs = Object.entries(stage.parameters(sizes))
  const parameters = specs.map(([name, { shape, init }]) =>
    made(`parameter/${name}`, "float32", shape, () => init(derive(root, name), shape))
  )
  const withTeacher = new Set(stage.teacherParameters(sizes))
  const teacher = specs
    .filter(([name]) => withTeacher.has(name))
    .map(([name, { shape, init }]) => made(`teacher/${name}`, "float32", shape, () => init(derive(root, name), shape)))
  const state = Object.entries(stage.state(sizes)).map(([name, { dtype, shape, init }]) =>
    made(`state/${name}`, dtype, shape, () => init(derive(root, `${stage.as}.${name}`), shape))
  )
  const read = [...fields].map(([name, { dtype, shape, data }]): Fed => ({ name, dtype, shape, numbers: data }))
  return { fed: [...read, ...noise, ...scalars, ...parameters, ...teacher, ...state], sizes }
}

/** A stage alone, as a program and its feeds. */
export interface StageProgram {
  readonly program: Program
  readonly feeds: NamedNumbers
}

/**
 * Traces a tensor stage alone as a program, with feeds: its fields from a recorded input; noise, parameters and state drawn from
 * a key and schedules at their first step, unless the input has them as `noise/NAME`, `parameter/NAME`, `teacher/NAME`,
 * `state/NAME` or `scalar/NAME`. Outputs: fields by name, `loss/NAME`, `metric/NAME`, `state/NAME`.
 *
 * `sizes` are those of other stages that it needs. Errors: `WiringError` for a missing field, `ShapeMismatch`, `TraceError`.
 */
export const stageProgram = (stage: TensorStage, input: Recorded, key: Key, known: Sizes = {}): StageProgram => {
  const { fed, sizes } = fedOf(stage, input, key, known)
  for (const { name, shape, numbers } of fed)
    if (numbers.length !== sizeOf(shape))
      throw new WiringError({ pipeline: stage.as, problem: `'${name}' has ${numbers.length} numbers for [${shape.join(", ")}]` })
  const program = trace((tracer) => {
    const tensors = new Map(fed.map(({ name, shape, dtype }): [string, tf.Tensor] => [name, tracer.input(name, shape, dtype)]))
    const named = (prefix: string) =>
      Object.fromEntries(
        [...tensors].flatMap(([name, tensor]) =>
          name.startsWith(prefix) ? [[`${stage.as}.${name.slice(prefix.length)}`, tensor]] : []
        )
      )
    const lookup = (prefix: string) => (name: string) => {
      const tensor = tensors.get(prefix + name)
      if (!tensor) throw new WiringError({ pipeline: stage.as, problem: `${stage.stage} has no parameter '${name}'` })
      return tensor
    }
    const outcome = forward([stage], {
      fields: Object.fromEntries(tensors),
      parameters: lookup("parameter/"),
      teacher: lookup("teacher/"),
      frozen: () => lookup("parameter/"),
      noise: named("noise/"),
      scalars: named("scalar/"),
      state: named("state/"),
      sizes
    })
    const results = (prefix: string, all: { readonly [name: string]: tf.Tensor }) =>
      Object.entries(all).map(([name, x]) => [prefix + name, x] as const)
    const own = (all: { readonly [name: string]: tf.Tensor }) =>
      Object.fromEntries(Object.entries(all).map(([name, x]) => [name.slice(stage.as.length + 1), x]))
    const updates = Object.entries(outcome.state).map(
      ([name, update]) => [name.slice(stage.as.length + 1), "replace" in update ? update.replace : update.enqueue] as const
    )
    const added = Object.entries(outcome.fields).filter(([name]) => Object.hasOwn(stage.adds, name))
    return {
      outputs: Object.fromEntries([
        ...added,
        ...results("loss/", own(outcome.losses)),
        ...results("metric/", own(outcome.metrics)),
        ...results("state/", Object.fromEntries(updates))
      ])
    }
  })
  return { program, feeds: Object.fromEntries(fed.map(({ name, numbers }) => [name, numbers])) }
}
