import type { Tracer } from "../compiler/trace.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { Sizes } from "../pipeline/stage.ts"
import { hostFields, shapeOf, tensorStagesOf } from "./tensor-stages.ts"

/** Makes a program's inputs, with sizes for one batch: all host fields, and the noise, schedules and state of some stages (all of them). */
export const programInputs = (t: Tracer, pipeline: Pipeline, sizes: Sizes, stages = tensorStagesOf(pipeline)) => {
  const record = <A>(rows: readonly (readonly [string, A])[]): { readonly [name: string]: A } => Object.fromEntries(rows)
  const fields = record(
    Object.entries(hostFields(pipeline)).map(([name, field]) => [name, t.input(name, shapeOf(field.dims, sizes), field.dtype)])
  )
  const noise = record(
    stages.flatMap((stage) =>
      Object.entries(stage.noise).map(([name, spec]) => {
        const full = `${stage.as}.${name}`
        return [full, t.input(`noise/${full}`, [sizes["batch"]!, ...shapeOf(spec.dims, sizes)], spec.dtype)] as const
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
      Object.entries(stage.state(sizes)).map(([name, spec]) => {
        const buffer = `${stage.as}.${name}`
        return [buffer, t.input(`state/${buffer}`, spec.shape, spec.dtype, { buffer, offset: 0 })] as const
      })
    )
  )
  return { fields, noise, scalars, state }
}
