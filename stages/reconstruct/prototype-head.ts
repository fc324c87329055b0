import * as tf from "@tensorflow/tfjs"
import { Schema } from "effect"
import { dense, denseSpecs } from "../../lib/nn/dense.ts"
import { l2Normalize } from "../../lib/nn/norm.ts"
import { initStd, matrix, truncated, unitRows } from "../../lib/nn/parameter.ts"
import { rampOverWarmup } from "../../lib/pipeline/ramp.ts"
import {
  type Bound,
  checkSettings,
  count,
  fraction,
  type Known,
  modelName,
  positive,
  setting
} from "../../lib/pipeline/settings.ts"
import type { ParameterSpecs, Parameters, Progress, StateSpec } from "../../lib/pipeline/stage.ts"
import { gelu, linear } from "../../lib/tensor/own.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"

/**
 * Prototype head of SemMIM, a projection and K learnable prototypes, as data: one head shared by [CLS] (agreement) and patches
 * (MIM), so that global and local targets have the same meaning. Temperatures: the student's, and the teacher's over the warm-up.
 */
export const PrototypeHead = Schema.Struct({
  /** Prefix of its parameters' names. */
  name: setting(modelName, "space"),
  dimensions: setting(count, 8192),
  hidden: setting(count, 2048),
  projection: setting(count, 256),
  temperature: setting(positive, 0.1),
  teacherTemperature: setting(
    Schema.Struct({ from: positive, to: positive }).annotate({ identifier: "prototypeHead.teacherTemperature" }),
    { from: 0.04, to: 0.07 }
  ),
  /** Momentum of the centres' moving average. */
  centreMomentum: setting(fraction, 0.9),
  /** Period in which the prototypes are not updated: the first epoch, or a share of the steps. */
  freezeLastLayer: setting(Schema.Union([Schema.Literal("epoch"), fraction]), "epoch")
}).annotate({ identifier: "prototypeHead" })
export type PrototypeHead = typeof PrototypeHead.Type

/**
 * Returns a prototype head, e.g. `prototypeHead({ dimensions: 8192 })` or `prototypeHead(sizes.tiny.space)`. Throws a
 * `SettingsError`.
 */
export const prototypeHead = <const S extends Bound<typeof PrototypeHead.Encoded>>(
  settings: Known<"prototypeHead", typeof PrototypeHead.Encoded, S> = {} as never
): PrototypeHead => checkSettings("prototypeHead", PrototypeHead, settings)

const prototypeName = ({ name }: PrototypeHead): string => `${name}.prototypes.weight`
const layerName = ({ name }: PrototypeHead, i: number): string => `${name}.layers.${i}`

/** Parameters of the head: three layers, and K prototypes whose updates are scaled by the scalar `lrScale`. */
export const prototypeHeadSpecs = (head: PrototypeHead, width: number): ParameterSpecs => {
  const { dimensions, hidden, projection } = head
  return {
    ...denseSpecs(layerName(head, 0), hidden, width, truncated(initStd(width))),
    ...denseSpecs(layerName(head, 1), hidden, hidden, truncated(initStd(width))),
    ...denseSpecs(layerName(head, 2), projection, hidden, truncated(initStd(width))),
    [prototypeName(head)]: { ...matrix(dimensions, projection, unitRows), lrScale: "lrScale" }
  }
}

const isLastLayerFrozen = (
  freezeLastLayer: PrototypeHead["freezeLastLayer"],
  { step, steps, stepsPerEpoch }: Progress
): boolean => step < (freezeLastLayer === "epoch" ? stepsPerEpoch : freezeLastLayer * steps)

/** Schedules of every stage that uses the head. */
export const prototypeHeadScalars = ({ teacherTemperature, freezeLastLayer }: PrototypeHead) => ({
  teacherTemperature: rampOverWarmup(teacherTemperature.from, teacherTemperature.to),
  lrScale: (progress: Progress): number => (isLastLayerFrozen(freezeLastLayer, progress) ? 0 : 1)
})

/** Specification of a centre of the teacher's logits, initially 0. */
export const centreSpec = ({ dimensions }: PrototypeHead): StateSpec => ({
  dtype: "float32",
  shape: [dimensions],
  init: () => new Float32Array(dimensions)
})

type Rows<W extends string> = Tensor<readonly ["rows", W]>

/** Projection of the head: rows [rows, width] → unit vectors [rows, projection]. */
export const projection = (parameters: Parameters, head: PrototypeHead, x: Rows<"width">): Rows<"projection"> => {
  const first = gelu(dense<["rows"], "width", "hidden">(parameters, layerName(head, 0), x, "hidden"))
  const second = gelu(dense<["rows"], "hidden", "hidden">(parameters, layerName(head, 1), first, "hidden"))
  return l2Normalize(dense<["rows"], "hidden", "projection">(parameters, layerName(head, 2), second, "projection"))
}

/** Logits of the prototypes: cosine similarities, [rows, dimensions]. Linear, so it may be applied to a mean of rows. */
export const prototypeLogits = (parameters: Parameters, head: PrototypeHead, x: Rows<"projection">): Rows<"dimensions"> =>
  linear<["rows"], "projection", "dimensions">(x, l2Normalize(named(parameters(prototypeName(head)), "dimensions", "projection")))

/** Student's logits divided by its temperature. */
export const studentLogits = (parameters: Parameters, head: PrototypeHead, x: Rows<"width">): Rows<"dimensions"> =>
  tf.div(prototypeLogits(parameters, head, projection(parameters, head, x)), head.temperature) as Rows<"dimensions">

/** Teacher's targets: softmax((logits − centre) / temperature). */
export const teacherTargets = (logits: Rows<"dimensions">, centre: tf.Tensor, temperature: tf.Tensor): Rows<"dimensions"> =>
  tf.softmax(tf.div(tf.sub(logits, centre), temperature)) as Rows<"dimensions">

/** Centre updated towards the mean of the teacher's logits. */
export const movedCentre = (
  { centreMomentum }: PrototypeHead,
  centre: tf.Tensor,
  mean: tf.Tensor
): { readonly replace: tf.Tensor } => ({
  replace: tf.add(tf.mul(centre, centreMomentum), tf.mul(tf.reshape(mean, [-1]), 1 - centreMomentum))
})

/** Mean entropy over rows, −Σ p log p; near 0 where the teacher has collapsed. */
export const entropy = (targets: Rows<"dimensions">): tf.Tensor =>
  tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.log(tf.maximum(targets, 1e-30))), -1)))
