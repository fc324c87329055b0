import type * as tf from "@tensorflow/tfjs"
import { stage as named } from "../compiler/trace.ts"
import { WiringError } from "../pipeline/errors.ts"
import type { Parameters, Sizes, StateUpdate, TensorStage } from "../pipeline/stage.ts"
import { sizesOf } from "../pipeline/tensor-stages.ts"
import { dimensionParts, type Field, show, type TensorField } from "../tensor/field.ts"
import { detach } from "../tensor/own.ts"
import { ShapeMismatch } from "../tensor/tensor.ts"

interface Tensors {
  readonly [name: string]: tf.Tensor
}

/** Inputs of running tensor stages; names of noise, scalars and state begin with their stage's `as` and a dot. */
export interface ForwardInputs {
  readonly fields: Tensors
  readonly parameters: Parameters
  readonly teacher: Parameters
  /** Returns the parameters of a frozen set by its name; no sets by default. */
  readonly frozen?: (set: string) => Parameters
  readonly noise: Tensors
  readonly scalars: Tensors
  readonly state: Tensors
  /** All sizes, including `batch`. */
  readonly sizes: Sizes
}

/** Results of running tensor stages: all fields; losses, metrics and new state by `STAGE.NAME` (`loggedNames` shortens them). */
export interface ForwardOutcome {
  readonly fields: Tensors
  readonly losses: Tensors
  readonly metrics: Tensors
  readonly state: { readonly [name: string]: StateUpdate }
  /** The given sizes, and those derived from the shape of a tensor (such as the number of masked patches). */
  readonly sizes: Sizes
}

/** Checks a tensor against its field and returns the sizes with those that were not known before. */
const check = (what: string, field: TensorField, tensor: tf.Tensor, sizes: Sizes): Sizes => {
  const got = `${tensor.dtype}[${tensor.shape.join(", ")}]`
  const expected = field.dims.map((text) => {
    const { name, more } = dimensionParts(text)
    return sizes[name] === undefined ? text : String(sizes[name] + more)
  })
  const fits =
    tensor.dtype === field.dtype &&
    tensor.rank === field.dims.length &&
    expected.every((size, i) => Number.isNaN(Number(size)) || Number(size) === tensor.shape[i])
  if (!fits) throw new ShapeMismatch(what, `${show(field)} (${field.dtype}[${expected.join(", ")}])`, got)
  const found = field.dims.flatMap((text, i) => {
    const { name, more } = dimensionParts(text)
    return sizes[name] === undefined ? [[name, tensor.shape[i]! - more] as const] : []
  })
  return { ...sizes, ...Object.fromEntries(found) }
}

const own = (all: Tensors, as: string, names: readonly string[], kind: string): Tensors =>
  Object.fromEntries(
    names.map((name) => {
      const tensor = all[`${as}.${name}`]
      if (!tensor) throw new WiringError({ pipeline: as, problem: `${kind} '${as}.${name}' is not given` })
      return [name, tensor]
    })
  )

const merged = <A>(
  before: { readonly [name: string]: A },
  more: { readonly [name: string]: A } | undefined,
  as: string,
  kind: string
) => {
  const twice = Object.keys(more ?? {}).find((name) => Object.hasOwn(before, name))
  if (twice !== undefined) throw new WiringError({ pipeline: as, problem: `${kind} '${twice}' is there already` })
  return { ...before, ...more }
}

const prefixed = <A>(record: { readonly [name: string]: A } | undefined, as: string): { readonly [name: string]: A } =>
  Object.fromEntries(Object.entries(record ?? {}).map(([name, value]) => [`${as}.${name}`, value]))

const fieldsChecked = (
  stage: TensorStage,
  verb: string,
  specs: { readonly [name: string]: Field },
  tensors: Tensors,
  sizes: Sizes
): Sizes =>
  Object.entries(specs).reduce((known, [name, field]) => {
    if (!("dtype" in field)) return known
    const tensor = tensors[name]
    const what = `${stage.as} ${verb} '${name}', which`
    if (!tensor) throw new ShapeMismatch(what, show(field), "not there")
    return check(what, field, tensor, known)
  }, sizes)

const detached =
  (parameters: Parameters): Parameters =>
  (name) =>
    detach(parameters(name))

/** Returns the parameters that a stage runs with, by its weight set. */
const parametersOf = ({ as, weights }: TensorStage, { parameters, teacher: averaged, frozen }: ForwardInputs) => {
  const teacher = detached(averaged)
  if (weights === "student") return { parameters, teacher }
  if (weights === "teacher") return { parameters: teacher, teacher }
  if (!frozen) throw new WiringError({ pipeline: as, problem: `the frozen set '${weights.frozen}' is not given` })
  const own = detached(frozen(weights.frozen))
  return { parameters: own, teacher: own }
}

/** Returns a stage's results, without gradient where its parameters have none. */
const withGradient = ({ weights }: TensorStage, fields: Tensors): Tensors =>
  weights === "student" ? fields : Object.fromEntries(Object.entries(fields).map(([name, tensor]) => [name, detach(tensor)]))

/**
 * Runs tensor stages in order, each under its own name, eagerly or in a trace, and checks every field that they read and add: a
 * dimension's name has one size. Errors: `ShapeMismatch` that names stage and field, `WiringError` for a field that is missing or
 * added twice.
 */
export const forward = (stages: readonly TensorStage[], inputs: ForwardInputs): ForwardOutcome => {
  const start: ForwardOutcome = { fields: inputs.fields, losses: {}, metrics: {}, state: {}, sizes: inputs.sizes }
  return stages.reduce((before, stage) => {
    const { as } = stage
    const read = fieldsChecked(stage, "reads", stage.reads, before.fields, sizesOf(stage, before.sizes))
    const outcome = named(as, () =>
      stage.apply({
        fields: before.fields as never, // typed by the stage's reads, which were checked above
        ...parametersOf(stage, inputs),
        noise: own(inputs.noise, as, Object.keys(stage.noise), "noise"),
        scalars: own(inputs.scalars, as, Object.keys(stage.scalars), "scalar"),
        state: own(inputs.state, as, Object.keys(stage.state(read)), "state"),
        sizes: read
      })
    )
    const sizes = fieldsChecked(stage, "adds", stage.adds, outcome.fields, read)
    return {
      fields: merged(before.fields, withGradient(stage, outcome.fields), as, "field"),
      losses: merged(before.losses, prefixed(outcome.losses, as), as, "loss"),
      metrics: merged(before.metrics, prefixed(outcome.metrics, as), as, "metric"),
      state: merged(before.state, prefixed(outcome.state, as), as, "state"),
      // A stage's own size does not apply to later stages.
      sizes: { ...sizes, ...before.sizes }
    }
  }, start)
}
