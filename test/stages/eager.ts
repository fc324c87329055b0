import * as tf from "@tensorflow/tfjs"
import { type ForwardOutcome, forward } from "../../lib/model/forward.ts"
import { bareName } from "../../lib/model/logged-names.ts"
import type { Sizes, TensorStage } from "../../lib/pipeline/stage.ts"
import { derive, type Key } from "../../lib/random/key.ts"

type Tensors = { readonly [name: string]: tf.Tensor }

const every = <A, B>(
  stages: readonly TensorStage[],
  of: (stage: TensorStage) => { readonly [name: string]: A },
  make: (a: A, name: string) => B
) =>
  Object.fromEntries(
    stages.flatMap((stage) =>
      Object.entries(of(stage)).map(([name, a]) => [`${stage.as}.${name}`, make(a, `${stage.as}.${name}`)])
    )
  )

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Freshly drawn parameters of stages, the teacher's being other draws. */
export const freshParameters = (stages: readonly TensorStage[], sizes: Sizes, key: Key) => {
  const specs = Object.assign({}, ...stages.map((stage) => stage.parameters(sizes))) as ReturnType<TensorStage["parameters"]>
  const draw = (who: string): ReadonlyMap<string, tf.Tensor> =>
    new Map(
      Object.entries(specs).map(([name, spec]) => [
        name,
        tf.tensor(spec.init(derive(key, who, name), spec.shape), [...spec.shape])
      ])
    )
  return { student: draw("student"), teacher: draw("teacher") }
}

/**
 * Runs stages eagerly on given fields, with fresh parameters, noise and state, at a step in the middle of training; losses and
 * metrics are named without their stages.
 */
export const runEagerly = (
  stages: readonly TensorStage[],
  fields: Tensors,
  sizes: Sizes,
  key: Key,
  given: { readonly noise?: Tensors; readonly parameters?: ReadonlyMap<string, tf.Tensor> } = {}
): ForwardOutcome => {
  const all = { ...Object.assign({}, ...stages.map((stage) => stage.sizes)), ...sizes } as Sizes
  const { student, teacher } = freshParameters(stages, all, key)
  const lookup = (tensors: ReadonlyMap<string, tf.Tensor>) => (name: string) => {
    const tensor = tensors.get(name)
    if (!tensor) throw new Error(`there is no parameter '${name}'`)
    return tensor
  }
  const noise = every(
    stages,
    (stage) => stage.noise,
    (spec, name) => {
      const shape = spec.dims.map((dimension) => all[dimension]!)
      const rows = Array.from({ length: all["batch"]! }, (_, i) => spec.draw(derive(key, name, i), shape))
      return tf.tensor(
        rows.flatMap((row) => [...row]),
        [rows.length, ...shape],
        spec.dtype
      )
    }
  )
  const outcome = forward(stages, {
    fields,
    parameters: lookup(given.parameters ?? student),
    teacher: lookup(teacher),
    noise: { ...noise, ...given.noise },
    scalars: every(
      stages,
      (stage) => stage.scalars,
      (schedule) => tf.scalar(schedule({ step: 50, steps: 100, warmup: 10, stepsPerEpoch: 20 }))
    ),
    state: every(
      stages,
      (stage) => stage.state(all),
      (spec, name) => tf.tensor(spec.init(derive(key, name), spec.shape), [...spec.shape], spec.dtype)
    ),
    sizes: all
  })
  const short = (tensors: Tensors) => Object.fromEntries(Object.entries(tensors).map(([full, x]) => [bareName(full), x]))
  return { ...outcome, losses: short(outcome.losses), metrics: short(outcome.metrics) }
}

/** A tensor of numbers made from a count. */
export const counting = (
  shape: number[],
  make: (i: number) => number,
  dtype: "float32" | "int32" | "bool" = "float32"
): tf.Tensor =>
  tf.tensor(
    Array.from({ length: product(shape) }, (_, i) => make(i)),
    shape,
    dtype
  )
