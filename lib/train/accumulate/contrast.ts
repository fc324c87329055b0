import * as tf from "@tensorflow/tfjs"
import type { Program } from "../../compiler/program.ts"
import { trace } from "../../compiler/trace.ts"
import { forward } from "../../model/forward.ts"
import type { Layout } from "../../model/layout.ts"
import { programInputs } from "../../model/program-inputs.ts"
import { lookup, parameterWindow } from "../../model/windows.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import { batchSizes, shapeOf, sizesOf } from "../../pipeline/tensor-stages.ts"
import { totalLoss } from "../loss-weights.ts"
import { stateUpdates } from "../step.ts"
import type { Comparing } from "./batchwise.ts"

/** Buffer in which a batch's gradient is accumulated. */
export const gradientBuffer = "gradient"

/** Program of a part of a step, with the losses and metrics `STAGE.NAME` among its outputs. */
export interface LoggingProgram {
  readonly program: Program
  readonly losses: readonly string[]
  readonly metrics: readonly string[]
}

/**
 * Traces the second part of a step in micro-batches (GradCache, Gao et al. 2021): from the embeddings of the whole batch, the
 * losses that compare pairs; their gradients with respect to the student's embeddings (`gradient/FIELD`) and, added to the
 * gradient buffer, with respect to the parameters they use; the indices that they select; and their new state.
 */
export const contrastProgram = (pipeline: Pipeline, layout: Layout, batch: number, comparing: Comparing): LoggingProgram => {
  let logged: Pick<LoggingProgram, "losses" | "metrics"> = { losses: [], metrics: [] }
  const program = trace((t) => {
    const sizes = batchSizes(pipeline, batch)
    const { whole, embeddings, learning } = comparing
    const inputs = programInputs(t, pipeline, sizes, [whole])
    const given = Object.fromEntries(
      Object.entries(embeddings).map(([name, field]) => [name, t.input(name, shapeOf(field.dims, sizes), field.dtype)])
    )
    const names = Object.keys(whole.parameters(sizesOf(whole, sizes)))
    const slots = layout.slots.filter((slot) => names.includes(slot.name))
    const student = new Map(slots.map((slot) => [slot.name, parameterWindow(t, "student", slot)]))
    let outcome: ReturnType<typeof forward> | undefined
    const run = (): tf.Scalar => {
      outcome = forward([whole], {
        ...inputs,
        fields: { ...inputs.fields, ...given },
        parameters: lookup("student", student),
        teacher: lookup("teacher", student),
        sizes
      })
      return totalLoss(t, outcome.losses, pipeline.training.lossWeights) as tf.Scalar
    }
    const trained = slots.filter(({ lrMultiplier }) => lrMultiplier > 0)
    const by = [...learning.map((name) => given[name]!), ...trained.map(({ name }) => student.get(name)!)]
    const { value: loss, grads } = tf.engine().gradients(run, by, undefined as never, true)
    const { losses, metrics, state, fields } = outcome!
    logged = { losses: Object.keys(losses), metrics: Object.keys(metrics) }
    const chosen = Object.fromEntries(Object.keys(whole.adds).map((name) => [name, fields[name]!]))
    const gradients = Object.fromEntries(learning.map((name, i) => [`gradient/${name}`, grads[i] ?? tf.zerosLike(given[name]!)]))
    const added = trained.map((slot, i) => ({
      kind: "replace" as const,
      buffer: gradientBuffer,
      offset: slot.offset,
      tensor: tf.add(parameterWindow(t, gradientBuffer, slot), grads[learning.length + i] ?? tf.zeros([...slot.shape]))
    }))
    return { outputs: { loss, ...losses, ...metrics, ...chosen, ...gradients }, updates: [...added, ...stateUpdates(state)] }
  })
  return { program, ...logged }
}
