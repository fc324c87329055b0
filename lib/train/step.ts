import * as tf from "@tensorflow/tfjs"
import type { Program } from "../compiler/program.ts"
import { type TracedUpdate, type Tracer, trace } from "../compiler/trace.ts"
import { forward } from "../model/forward.ts"
import { type Layout, setOf } from "../model/layout.ts"
import { loggedNames } from "../model/logged-names.ts"
import { programInputs } from "../model/program-inputs.ts"
import { frozenInputs, lookup, parameterWindow, setInputs } from "../model/windows.ts"
import { WiringError } from "../pipeline/errors.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { StateUpdate } from "../pipeline/stage.ts"
import { batchSizes, tensorStagesOf } from "../pipeline/tensor-stages.ts"
import { checkLossWeights, totalLoss } from "./loss-weights.ts"
import { flatten, parameterUpdates, trainedBuckets } from "./update.ts"

/** Converts stages' state updates to updates of their buffers. */
export const stateUpdates = (state: { readonly [name: string]: StateUpdate }): readonly TracedUpdate[] =>
  Object.entries(state).map(([buffer, update]) =>
    "replace" in update
      ? { kind: "replace", buffer, offset: 0, tensor: update.replace }
      : { kind: "enqueue", buffer, tensor: update.enqueue }
  )

/** Renames the keys of a record. */
export const renamed = <A>(
  all: { readonly [name: string]: A },
  names: ReadonlyMap<string, string>
): { readonly [name: string]: A } =>
  Object.fromEntries(Object.entries(all).map(([name, each]) => [names.get(name) ?? name, each]))

/**
 * Updates the teacher towards the student, e ← m·e + (1 − m)·s (method.md §6): returns its parameters, and the updates of its
 * buffer.
 */
const movedTeacher = (t: Tracer, layout: Layout, student: ReadonlyMap<string, tf.Tensor>) => {
  const set = setOf(layout, "teacher")
  if (!set) return { teacher: new Map<string, tf.Tensor>(), updates: [] }
  const momentum = t.input("scalar/momentum", [], "float32")
  const fresh = tf.sub(1, momentum)
  const updates: TracedUpdate[] = []
  const teacher = new Map<string, tf.Tensor>()
  for (const slot of set.slots) {
    const before = parameterWindow(t, set.buffer, slot)
    // Rounding would change the teacher of frozen parameters.
    if (slot.lrMultiplier === 0) {
      teacher.set(slot.name, before)
      continue
    }
    const moved = tf.add(tf.mul(before, momentum), tf.mul(student.get(slot.name)!, fresh))
    teacher.set(slot.name, moved)
    updates.push({ kind: "replace", buffer: set.buffer, offset: slot.offset, tensor: moved })
  }
  return { teacher, updates }
}

/**
 * Returns a value and its gradients with respect to the student's trained parameters, zero for those that it does not depend on;
 * and the other results of `f`.
 */
export const differentiate = <A>(
  layout: Layout,
  student: ReadonlyMap<string, tf.Tensor>,
  f: () => { readonly loss: tf.Tensor; readonly rest: A }
): { readonly loss: tf.Tensor; readonly rest: A; readonly gradients: ReadonlyMap<string, tf.Tensor> } => {
  let made: { readonly rest: A } | undefined
  const run = (): tf.Scalar => {
    const { loss, rest } = f()
    made = { rest }
    return loss as tf.Scalar
  }
  const trained = layout.slots.filter((slot) => slot.lrMultiplier > 0)
  const parameters = trained.map((slot) => student.get(slot.name)!)
  const { value, grads } = tf.engine().gradients(run, parameters, undefined as never, true)
  const gradients = new Map(trained.map((slot, i) => [slot.name, grads[i] ?? tf.zeros([...slot.shape])]))
  return { loss: value, rest: made!.rest, gradients }
}

/**
 * Intermediate results that a step's program also outputs, for tests: gradients by parameter name (before lrScales and clipping),
 * and fields.
 */
export interface StepProbes {
  readonly gradients?: boolean
  readonly fields?: readonly string[]
}

/**
 * Traces one whole training step as a program (method.md §6–7): teacher EMA, all stages, Σ losses, gradients, clipping by global
 * norm, AdamW, centres and queues. Outputs: `loss`, every loss and metric by name, `gradientNorm`. Errors: `TraceError`,
 * `ShapeMismatch`.
 */
export const trainingProgram = (pipeline: Pipeline, layout: Layout, batch: number, probes: StepProbes = {}): Program =>
  trace((t) => {
    const settings = pipeline.training
    const sizes = batchSizes(pipeline, batch)
    const inputs = programInputs(t, pipeline, sizes)
    const student = setInputs(t, setOf(layout, "student"))
    const { teacher, updates } = movedTeacher(t, layout, student)
    const frozen = frozenInputs(t, layout)
    if (!layout.slots.some((slot) => slot.lrMultiplier > 0))
      throw new WiringError({
        pipeline: pipeline.name,
        problem: "there is nothing to train: no stage has parameters that change"
      })
    const { loss, rest, gradients } = differentiate(layout, student, () => {
      const outcome = forward(tensorStagesOf(pipeline), {
        ...inputs,
        parameters: lookup("student", student),
        teacher: lookup("teacher", teacher),
        frozen,
        sizes
      })
      checkLossWeights(pipeline.name, settings.lossWeights, Object.keys(outcome.losses))
      return { loss: totalLoss(t, outcome.losses, settings.lossWeights), rest: outcome }
    })
    const buckets = trainedBuckets(layout).map((bucket) => flatten(bucket.slots.map((slot) => gradients.get(slot.name)!)))
    const { norm, updates: moved } = parameterUpdates(t, layout, settings, buckets, inputs.scalars)
    const logged = { ...rest.losses, ...rest.metrics }
    const names = loggedNames(pipeline.name, [...Object.keys(rest.losses), ...Object.keys(rest.metrics)])
    const probed = {
      ...(probes.gradients ? Object.fromEntries([...gradients].map(([name, g]) => [`gradient/${name}`, g])) : {}),
      ...Object.fromEntries((probes.fields ?? []).map((name) => [`field/${name}`, rest.fields[name]!]))
    }
    return {
      outputs: { loss, ...renamed(logged, names), gradientNorm: norm, ...probed },
      updates: [...updates, ...moved, ...stateUpdates(rest.state)]
    }
  })
