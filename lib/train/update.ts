import * as tf from "@tensorflow/tfjs"
import type { TracedUpdate, Tracer } from "../compiler/trace.ts"
import type { Bucket, Layout } from "../model/layout.ts"
import type { TrainSettings } from "../pipeline/training-settings.ts"
import { adamw } from "./adamw.ts"

/** Returns a bucket's window of a flat buffer, as an input. */
export const bucketWindow = (t: Tracer, buffer: string, bucket: Bucket): tf.Tensor =>
  t.input(`${buffer}@${bucket.offset}`, [bucket.size], "float32", { buffer, offset: bucket.offset })

/** Returns the buckets whose parameters are trained: all that are not frozen. */
export const trainedBuckets = ({ buckets }: Layout): readonly Bucket[] =>
  buckets.filter((bucket) => bucket.slots[0]!.lrMultiplier > 0)

/** Concatenates the gradients of a bucket's parameters to one flat tensor. */
export const flatten = (gradients: readonly tf.Tensor[]): tf.Tensor =>
  gradients.length === 1 ? tf.reshape(gradients[0]!, [-1]) : tf.concat(gradients.map((gradient) => tf.reshape(gradient, [-1])))

/** Returns a bucket's gradient, times the lrScale of its parameters where they have one. */
const scaled = (bucket: Bucket, gradient: tf.Tensor, lrScales: { readonly [name: string]: tf.Tensor }): tf.Tensor => {
  const lrScale = bucket.slots[0]!.lrScaleInput
  return lrScale === undefined ? gradient : tf.mul(gradient, lrScales[lrScale]!)
}

/**
 * Returns the multiplier of a bucket's learning rate: its lrScale, its constant multiplier, their product, or undefined for none.
 */
const multiplierOf = (bucket: Bucket, lrScales: { readonly [name: string]: tf.Tensor }): tf.Tensor | number | undefined => {
  const { lrScaleInput, lrMultiplier } = bucket.slots[0]!
  if (lrScaleInput === undefined) return lrMultiplier === 1 ? undefined : lrMultiplier
  return lrMultiplier === 1 ? lrScales[lrScaleInput]! : tf.mul(lrScales[lrScaleInput]!, lrMultiplier)
}

/**
 * Computes the new parameters and moments from the gradients of all trained buckets (method.md §7): lrScales, clipping by global
 * norm (scale min(1, clip / (norm + 1e-6))), AdamW, clamping. `lrScales` are the stages' scalars. Returns the norm before
 * clipping.
 */
export const parameterUpdates = (
  t: Tracer,
  layout: Layout,
  settings: TrainSettings,
  gradients: readonly tf.Tensor[],
  lrScales: { readonly [name: string]: tf.Tensor }
): { readonly norm: tf.Tensor; readonly updates: readonly TracedUpdate[] } => {
  const scalar = (name: string): tf.Tensor => t.input(`scalar/${name}`, [], "float32")
  const scalars = { decayFactor: scalar("decayFactor"), stepSize: scalar("stepSize"), secondScale: scalar("secondScale") }
  const buckets = trainedBuckets(layout)
  const own = buckets.map((bucket, i) => scaled(bucket, gradients[i]!, lrScales))
  const norm = tf.sqrt(tf.addN(own.map((gradient) => tf.sum(tf.square(gradient)))))
  const clip = settings.clip > 0 ? tf.minimum(1, tf.div(settings.clip, tf.add(norm, 1e-6))) : tf.scalar(1)
  const updates = buckets.flatMap((bucket, i): TracedUpdate[] => {
    const { decay, clamp } = bucket.slots[0]!
    const multiplier = multiplierOf(bucket, lrScales)
    const moved = adamw(
      {
        parameter: bucketWindow(t, "student", bucket),
        first: bucketWindow(t, "adam.m", bucket),
        second: bucketWindow(t, "adam.v", bucket)
      },
      own[i]!,
      // The whole learning rate including decay: parameters whose multiplier is 0 for a while do not change at all.
      multiplier === undefined
        ? scalars
        : {
            ...scalars,
            stepSize: tf.mul(scalars.stepSize, multiplier),
            decayFactor: tf.sub(1, tf.mul(tf.sub(1, scalars.decayFactor), multiplier))
          },
      clip,
      decay,
      settings
    )
    const parameter = clamp ? tf.clipByValue(moved.parameter, clamp[0], clamp[1]) : moved.parameter
    const { offset } = bucket
    return [
      { kind: "replace", buffer: "adam.m", offset, tensor: moved.first },
      { kind: "replace", buffer: "adam.v", offset, tensor: moved.second },
      { kind: "replace", buffer: "student", offset, tensor: parameter }
    ]
  })
  return { norm, updates }
}
