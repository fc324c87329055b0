import * as tf from "@tensorflow/tfjs"
import { forward } from "../../lib/model/forward.ts"
import type { Sizes, TensorStage } from "../../lib/pipeline/stage.ts"
import { derive, type Key } from "../../lib/random/key.ts"

/** A tensor as numbers. */
export interface Values {
  readonly dtype: "float32" | "int32" | "bool"
  readonly shape: readonly number[]
  readonly data: ArrayLike<number>
}
export interface NamedValues {
  readonly [name: string]: Values
}

/**
 * Makes a stage that has no parameters, scalars or state ready for some sizes; what it gives runs on fields and noise (by the
 * stage's own names) and gives the fields that the stage adds. Laws ask for the same stage and sizes often: keep what is costly.
 */
export type Prepare = (stage: TensorStage, sizes: Sizes) => (fields: NamedValues, noise: NamedValues) => Promise<NamedValues>

/** Eagerly, on tfjs's CPU kernels. */
export const eagerly: Prepare = (stage, sizes) => async (fields, noise) => {
  await tf.setBackend("cpu")
  const tensors = (values: NamedValues, prefix = "") =>
    Object.fromEntries(
      Object.entries(values).map(([name, { data, shape, dtype }]) => [
        prefix + name,
        tf.tensor(Array.from(data), [...shape], dtype)
      ])
    )
  return tf.tidy(() => {
    const nothing = (name: string): never => {
      throw new Error(`there is no parameter '${name}'`)
    }
    const given = { parameters: nothing, teacher: nothing, scalars: {}, state: {}, sizes }
    const outcome = forward([stage], { ...given, fields: tensors(fields), noise: tensors(noise, `${stage.as}.`) })
    const values = Object.keys(stage.adds).map((name) => {
      const tensor = outcome.fields[name]!
      return [name, { dtype: tensor.dtype as Values["dtype"], shape: tensor.shape, data: tensor.dataSync() }] as const
    })
    return Object.fromEntries(values)
  }) as unknown as NamedValues // tidy's type knows containers of tensors only
}

/** The noise of a stage for samples with these keys, drawn per sample as training does. */
export const noiseOf = (stage: TensorStage, sizes: Sizes, keys: readonly Key[]): NamedValues =>
  Object.fromEntries(
    Object.entries(stage.noise).map(([name, spec]) => {
      const shape = spec.dims.map((dimension) => sizes[dimension]!)
      const rows = keys.flatMap((key) => [...spec.draw(derive(key, stage.as, name), shape)])
      return [name, { dtype: spec.dtype, shape: [keys.length, ...shape], data: rows }]
    })
  )

/** Row b of values whose first dimension is the batch. */
export const rowOf = ({ data, shape }: Values, b: number): readonly number[] => {
  const size = shape.slice(1).reduce((a, n) => a * n, 1)
  return Array.from({ length: size }, (_, i) => data[b * size + i]!)
}
