import * as tf from "@tensorflow/tfjs"
import type { TrainSettings } from "../pipeline/training-settings.ts"

/** AdamW's moments of a contiguous range of parameters. */
export interface Moments {
  readonly parameter: tf.Tensor
  readonly first: tf.Tensor
  readonly second: tf.Tensor
}

/** Scalars of a step that AdamW needs, as tensors of the program. */
export interface AdamwScalars {
  /** 1 − lr·λ. */
  readonly decayFactor: tf.Tensor
  /** lr / (1 − β₁ᵗ). */
  readonly stepSize: tf.Tensor
  /** 1 / √(1 − β₂ᵗ). */
  readonly secondScale: tf.Tensor
}

/**
 * Applies one AdamW update (Loshchilov & Hutter 2019, as torch.optim.AdamW computes it) with the gradient times `clip`: p ← p·(1
 * − lr·λ) − lr/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε). All tensors have one shape; products of scalars are computed first, since
 * every operation on a bucket is a pass over memory.
 */
export const adamw = (
  { parameter, first, second }: Moments,
  gradient: tf.Tensor,
  scalars: AdamwScalars,
  clip: tf.Tensor,
  decay: boolean,
  { beta1, beta2, epsilon }: Pick<TrainSettings, "beta1" | "beta2" | "epsilon">
): Moments => {
  const m = tf.add(tf.mul(first, beta1), tf.mul(gradient, tf.mul(clip, 1 - beta1)))
  const v = tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), tf.mul(tf.square(clip), 1 - beta2)))
  // m·stepSize / (√v·secondScale + ε), both divided by secondScale: one pass less.
  const move = tf.div(
    tf.mul(m, tf.div(scalars.stepSize, scalars.secondScale)),
    tf.add(tf.sqrt(v), tf.div(epsilon, scalars.secondScale))
  )
  return { parameter: tf.sub(decay ? tf.mul(parameter, scalars.decayFactor) : parameter, move), first: m, second: v }
}

/** Returns the scalars of step `t` (from 1) as numbers. */
export const adamwScalars = (
  t: number,
  learningRate: number,
  { beta1, beta2, weightDecay }: Pick<TrainSettings, "beta1" | "beta2" | "weightDecay">
): { readonly decayFactor: number; readonly stepSize: number; readonly secondScale: number } => ({
  decayFactor: 1 - learningRate * weightDecay,
  stepSize: learningRate / (1 - beta1 ** t),
  secondScale: 1 / Math.sqrt(1 - beta2 ** t)
})
