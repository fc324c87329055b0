import * as tf from "@tensorflow/tfjs"
import { type TracedUpdate, type Tracer, trace } from "../../compiler/trace.ts"
import { stagesFor } from "../../model/fields-program.ts"
import { type ForwardInputs, forward } from "../../model/forward.ts"
import { type Layout, setOf } from "../../model/layout.ts"
import { fieldInput, programInputs } from "../../model/program-inputs.ts"
import { frozenInputs, lookup, setInputs } from "../../model/windows.ts"
import { WiringError } from "../../pipeline/errors.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import type { Sizes, StateUpdate, TensorStage } from "../../pipeline/stage.ts"
import { batchOf, batchSizes, hostFields, shapeOf } from "../../pipeline/tensor-stages.ts"
import type { TensorField } from "../../tensor/field.ts"
import { totalLoss } from "../loss-weights.ts"
import { differentiate } from "../step.ts"
import { bucketWindow, flatten, trainedBuckets } from "../update.ts"
import type { Comparing, Split } from "./batchwise.ts"
import { gradientBuffer, type LoggingProgram } from "./contrast.ts"

interface Tensors {
  readonly [name: string]: tf.Tensor
}

/** Name of the input with a host field of other pairs: rows of the whole batch that an index field selects. */
export const selectedInput = (by: string, field: string): string => `selected/${by}/${field}`

/** The host fields of the samples that a stage compares. */
export const comparedFields = (pipeline: Pipeline, whole: TensorStage): { readonly [name: string]: TensorField } =>
  Object.fromEntries(Object.entries(hostFields(pipeline)).filter(([, { dims }]) => dims[0] === batchOf(whole)))

/**
 * Returns the rows of other pairs: host fields are inputs, a model's fields are recomputed from the other pairs' host fields by
 * the stages that compute them. So hard negatives may come from any micro-batch of the batch, and receive their gradient, at the
 * cost of encoding them twice.
 */
const selectedFields = (
  t: Tracer,
  pipeline: Pipeline,
  { before, whole, selects }: Comparing,
  sizes: Sizes,
  rest: Omit<ForwardInputs, "fields" | "sizes">
): Tensors => {
  const host = comparedFields(pipeline, whole)
  const fed = new Map<string, Tensors>()
  const hostOf = (by: string): Tensors => {
    const known = fed.get(by)
    if (known) return known
    const made = Object.fromEntries(
      Object.entries(host).map(([name, field]) => [name, fieldInput(t, selectedInput(by, name), field, sizes)])
    )
    fed.set(by, made)
    return made
  }
  return Object.fromEntries(
    Object.entries(selects).map(([name, { from, by }]) => {
      const fields = hostOf(by)
      if (Object.hasOwn(host, from)) return [name, fields[from]!]
      const stages = stagesFor(before, [from]) as readonly TensorStage[]
      return [name, forward(stages, { ...rest, fields, sizes }).fields[from]!]
    })
  )
}

/**
 * Adds a share of each new state to the sum over the earlier micro-batches: all start from the same state, so the shares add up
 * to a mean.
 */
const sharedState = (t: Tracer, state: { readonly [name: string]: StateUpdate }, share: number): readonly TracedUpdate[] =>
  Object.entries(state).map(([buffer, update]) => {
    if (!("replace" in update))
      throw new WiringError({
        pipeline: buffer,
        problem: "training.microBatch: this queue is filled by a stage that compares no samples, so a batch cannot be split"
      })
    if (update.replace.dtype !== "float32")
      throw new WiringError({
        pipeline: buffer,
        problem: `training.microBatch: this state is ${update.replace.dtype}, of which parts of a batch have no mean`
      })
    const next = nextBuffer(buffer)
    const sum = t.input(`state/${next}`, update.replace.shape, "float32", { buffer: next, offset: 0 })
    return { kind: "replace", buffer: next, offset: 0, tensor: tf.add(sum, tf.mul(update.replace, share)) }
  })

/** Returns the name of the buffer in which a state's next value is accumulated. */
export const nextBuffer = (buffer: string): string => `next/${buffer}`

/**
 * Traces the third part of a step in micro-batches: the losses of a micro-batch's own pairs, and their gradient together with the
 * gradient of the whole batch's losses through its embeddings (`gradient/FIELD`), added to the gradient buffer; and a share of
 * the stages' new state.
 */
export const microBatchProgram = (
  pipeline: Pipeline,
  layout: Layout,
  micro: number,
  { local, comparing }: Split
): LoggingProgram => {
  let logged: Pick<LoggingProgram, "losses" | "metrics"> = { losses: [], metrics: [] }
  const program = trace((t) => {
    const sizes = batchSizes(pipeline, micro)
    const share = micro / pipeline.training.batch
    const inputs = programInputs(t, pipeline, sizes, local)
    const student = setInputs(t, setOf(layout, "student"))
    const sets = {
      parameters: lookup("student", student),
      teacher: lookup("teacher", setInputs(t, setOf(layout, "teacher"))),
      frozen: frozenInputs(t, layout)
    }
    const { rest, gradients } = differentiate(layout, student, () => {
      const selected = comparing ? selectedFields(t, pipeline, comparing, sizes, { ...inputs, ...sets }) : {}
      const outcome = forward(local, { ...inputs, ...sets, fields: { ...inputs.fields, ...selected }, sizes })
      const reached = (comparing?.learning ?? []).map((name) => {
        const gradient = t.input(`gradient/${name}`, shapeOf(comparing!.embeddings[name]!.dims, sizes), "float32")
        return tf.sum(tf.mul(outcome.fields[name]!, gradient))
      })
      const loss = totalLoss(t, outcome.losses, pipeline.training.lossWeights)
      const all = [...(Object.keys(outcome.losses).length > 0 ? [tf.mul(loss, share)] : []), ...reached]
      return { loss: all.length === 1 ? all[0]! : tf.addN(all), rest: { ...outcome, loss } }
    })
    logged = { losses: Object.keys(rest.losses), metrics: Object.keys(rest.metrics) }
    const added = trainedBuckets(layout).map(
      (bucket): TracedUpdate => ({
        kind: "replace",
        buffer: gradientBuffer,
        offset: bucket.offset,
        tensor: tf.add(bucketWindow(t, gradientBuffer, bucket), flatten(bucket.slots.map((slot) => gradients.get(slot.name)!)))
      })
    )
    return {
      outputs: { loss: rest.loss, ...rest.losses, ...rest.metrics },
      updates: [...added, ...sharedState(t, rest.state, share)]
    }
  })
  return { program, ...logged }
}
