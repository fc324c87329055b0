import * as tf from "@tensorflow/tfjs"
import type { Program } from "../compiler/program.ts"
import { trace, type TracedUpdate, type Tracer } from "../compiler/trace.ts"
import { forward } from "../pipeline/forward.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { Parameters, Sizes, StateUpdate } from "../pipeline/stage.ts"
import { type AdamwScalars, adamw } from "./adamw.ts"
import type { Layout, Slot } from "./layout.ts"
import type { TrainSettings } from "./settings.ts"
import { hostFields, shapeOf, tensorStagesOf } from "./tensor-stages.ts"

const window = (t: Tracer, buffer: string, slot: Slot): tf.Tensor =>
  t.input(`${buffer}/${slot.name}`, slot.shape, "float32", { buffer, offset: slot.offset })

const lookup = (what: string, tensors: ReadonlyMap<string, tf.Tensor>): Parameters => (name) => {
  const tensor = tensors.get(name)
  if (!tensor) throw new Error(`there is no ${what} parameter '${name}'`)
  return tensor
}

/** Makes the program's inputs: host fields, noise, schedules and the stages' state, with sizes for one batch. */
export const programInputs = (t: Tracer, pipeline: Pipeline, sizes: Sizes) => {
  const stages = tensorStagesOf(pipeline)
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
      Object.keys(stage.scalars).map((name) => [`${stage.as}.${name}`, t.input(`scalar/${stage.as}.${name}`, [], "float32")] as const)
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

const stateUpdates = (state: { readonly [name: string]: StateUpdate }): readonly TracedUpdate[] =>
  Object.entries(state).map(([buffer, update]) =>
    "replace" in update
      ? { kind: "replace", buffer, offset: 0, tensor: update.replace }
      : { kind: "enqueue", buffer, tensor: update.enqueue }
  )

/** Σ w·L over the stages' losses, as the settings weigh them (1 unless given). */
const total = (losses: { readonly [name: string]: tf.Tensor }, weights: TrainSettings["lossWeights"]): tf.Tensor => {
  const weighed = Object.entries(losses).map(([name, loss]) => ((weights[name] ?? 1) === 1 ? loss : tf.mul(loss, weights[name]!)))
  return weighed.length === 1 ? weighed[0]! : tf.addN(weighed)
}

const flat = (gradients: readonly tf.Tensor[]): tf.Tensor =>
  gradients.length === 1 ? tf.reshape(gradients[0]!, [-1]) : tf.concat(gradients.map((gradient) => tf.reshape(gradient, [-1])))

/** Which results of a step its program also gives, for tests: gradients by parameter name, and the fields that stages added. */
export interface StepProbes {
  readonly gradients?: boolean
  readonly fields?: readonly string[]
}

/**
 * One whole training step as a program (method.md §6–7): teacher EMA, all stages, Σ losses, gradients, clipping by global norm,
 * AdamW, centres and queues. Outputs: `loss`, every loss and metric by name, `gradientNorm`. Errors: `TraceError`, `ShapeMismatch`.
 */
export const trainingProgram = (pipeline: Pipeline, layout: Layout, batch: number, probes: StepProbes = {}): Program =>
  trace((t) => {
    const settings = pipeline.training
    const sizes = { ...pipeline.sizes, batch }
    const inputs = programInputs(t, pipeline, sizes)
    const student = new Map(layout.slots.map((slot) => [slot.name, window(t, "student", slot)]))
    const decayed = t.input("scalar/momentum", [], "float32")
    const fresh = tf.sub(1, decayed)
    const updates: TracedUpdate[] = []
    const teacher = new Map<string, tf.Tensor>()
    for (const slot of layout.slots.filter((slot) => slot.teacher)) {
      const moved = tf.add(tf.mul(window(t, "teacher", slot), decayed), tf.mul(student.get(slot.name)!, fresh))
      teacher.set(slot.name, moved)
      updates.push({ kind: "replace", buffer: "teacher", offset: slot.offset, tensor: moved })
    }
    let outcome: ReturnType<typeof forward> | undefined
    const { value: loss, grads } = tf.engine().gradients(
      () => {
        outcome = forward(tensorStagesOf(pipeline), {
          ...inputs,
          parameters: lookup("student", student),
          teacher: lookup("teacher", teacher),
          sizes
        })
        return total(outcome.losses, settings.lossWeights)
      },
      layout.slots.map((slot) => student.get(slot.name)!),
      undefined as never,
      true
    )
    const { losses, metrics, state, fields } = outcome!
    const gated = new Map(
      layout.slots.map((slot, i) => {
        const gradient = grads[i] ?? tf.zeros([...slot.shape])
        return [slot.name, slot.gateScalar ? tf.mul(gradient, inputs.scalars[slot.gateScalar]!) : gradient] as const
      })
    )
    const norm = tf.sqrt(tf.addN(layout.slots.map((slot) => tf.sum(tf.square(gated.get(slot.name)!)))))
    const clip = settings.clip > 0 ? tf.minimum(1, tf.div(settings.clip, tf.add(norm, 1e-6))) : tf.scalar(1)
    const scalars: AdamwScalars = {
      learningRate: t.input("scalar/learningRate", [], "float32"),
      shrink: t.input("scalar/shrink", [], "float32"),
      stepSize: t.input("scalar/stepSize", [], "float32"),
      secondScale: t.input("scalar/secondScale", [], "float32")
    }
    for (const bucket of layout.buckets) {
      const { decay, gateScalar, clamp } = bucket.slots[0]!
      const gate = gateScalar === undefined ? undefined : inputs.scalars[gateScalar]!
      const input = (buffer: string): tf.Tensor =>
        t.input(`${buffer}@${bucket.offset}`, [bucket.size], "float32", { buffer, offset: bucket.offset })
      const moved = adamw(
        { parameter: input("student"), first: input("adam.m"), second: input("adam.v") },
        tf.mul(flat(bucket.slots.map((slot) => gated.get(slot.name)!)), clip),
        gate
          ? { ...scalars, stepSize: tf.mul(scalars.stepSize, gate), shrink: tf.sub(1, tf.mul(tf.sub(1, scalars.shrink), gate)) }
          : scalars,
        decay,
        settings
      )
      const parameter = clamp ? tf.clipByValue(moved.parameter, clamp[0], clamp[1]) : moved.parameter
      updates.push(
        { kind: "replace", buffer: "adam.m", offset: bucket.offset, tensor: moved.first },
        { kind: "replace", buffer: "adam.v", offset: bucket.offset, tensor: moved.second },
        { kind: "replace", buffer: "student", offset: bucket.offset, tensor: parameter }
      )
    }
    const gradientOutputs = probes.gradients ? Object.fromEntries([...gated].map(([name, g]) => [`gradient/${name}`, g])) : {}
    const fieldOutputs = Object.fromEntries((probes.fields ?? []).map((name) => [`field/${name}`, fields[name]!]))
    return {
      outputs: { loss, ...losses, ...metrics, gradientNorm: norm, ...gradientOutputs, ...fieldOutputs },
      updates: [...updates, ...stateUpdates(state)]
    }
  })
