import * as tf from "@tensorflow/tfjs"
import type { Tracer } from "../compiler/trace.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { Sizes } from "../pipeline/stage.ts"
import { batchOf, hostFields, shapeOf, sizesOf, tensorStagesOf } from "../pipeline/tensor-stages.ts"
import type { TensorField } from "../tensor/field.ts"

/** Returns a vector of values repeated in turn to a length; of length one where they are all equal. */
const inTurn = (numbers: readonly number[], size: number): tf.Tensor =>
  numbers.every((each) => each === numbers[0])
    ? tf.scalar(numbers[0]!)
    : tf.tensor1d(Float32Array.from({ length: size }, (_, i) => numbers[i % numbers.length]!))

/** Creates the input of a host field; one that the host stores as bytes is fed as bytes and converted to float32. */
export const fieldInput = (t: Tracer, name: string, { dims, dtype, stored }: TensorField, sizes: Sizes): tf.Tensor => {
  const shape = shapeOf(dims, sizes)
  if (stored === undefined) return t.input(name, shape, dtype)
  const [scale, shift] = [inTurn(stored.scale, shape.at(-1)!), inTurn(stored.shift, shape.at(-1)!)]
  return tf.add(tf.mul(t.input(name, shape, dtype, { feed: true, bytes: true }), scale), shift)
}

/**
 * Creates a program's inputs, with sizes for one batch: all host fields, and the noise, schedules and state of some stages (by
 * default all of them).
 */
export const programInputs = (t: Tracer, pipeline: Pipeline, sizes: Sizes, stages = tensorStagesOf(pipeline)) => {
  const record = <A>(rows: readonly (readonly [string, A])[]): { readonly [name: string]: A } => Object.fromEntries(rows)
  const fields = record(Object.entries(hostFields(pipeline)).map(([name, field]) => [name, fieldInput(t, name, field, sizes)]))
  const noise = record(
    stages.flatMap((stage) =>
      Object.entries(stage.noise).map(([name, spec]) => {
        const full = `${stage.as}.${name}`
        return [
          full,
          t.input(`noise/${full}`, [sizes[batchOf(stage)]!, ...shapeOf(spec.dims, sizesOf(stage, sizes))], spec.dtype)
        ] as const
      })
    )
  )
  const scalars = record(
    stages.flatMap((stage) =>
      Object.keys(stage.scalars).map(
        (name) => [`${stage.as}.${name}`, t.input(`scalar/${stage.as}.${name}`, [], "float32")] as const
      )
    )
  )
  const state = record(
    stages.flatMap((stage) =>
      Object.entries(stage.state(sizesOf(stage, sizes))).map(([name, spec]) => {
        const buffer = `${stage.as}.${name}`
        return [buffer, t.input(`state/${buffer}`, spec.shape, spec.dtype, { buffer, offset: 0 })] as const
      })
    )
  )
  return { fields, noise, scalars, state }
}
