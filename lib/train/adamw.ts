import * as tf from "@tensorflow/tfjs"
import type { TrainSettings } from "./settings.ts"

/** What AdamW keeps of a run of parameters. */
export interface Moments {
  readonly parameter: tf.Tensor
  readonly first: tf.Tensor
  readonly second: tf.Tensor
}

/** Numbers of a step that AdamW needs, as scalars of the program. */
export interface AdamwScalars {
  readonly learningRate: tf.Tensor
  /** 1 − lr·decay. */
  readonly shrink: tf.Tensor
  /** lr / (1 − β₁ᵗ). */
  readonly stepSize: tf.Tensor
  /** 1 / √(1 − β₂ᵗ). */
  readonly secondScale: tf.Tensor
}

/**
 * One AdamW update (Loshchilov & Hutter 2019, as torch.optim.AdamW computes it):
 * p ← p·(1 − lr·λ) − lr/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε). All tensors have one shape.
 */
export const adamw = (
  { parameter, first, second }: Moments,
  gradient: tf.Tensor,
  scalars: AdamwScalars,
  decay: boolean,
  { beta1, beta2, epsilon }: Pick<TrainSettings, "beta1" | "beta2" | "epsilon">
): Moments => {
  const m = tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1))
  const v = tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2))
  const move = tf.div(tf.mul(m, scalars.stepSize), tf.add(tf.mul(tf.sqrt(v), scalars.secondScale), epsilon))
  return { parameter: tf.sub(decay ? tf.mul(parameter, scalars.shrink) : parameter, move), first: m, second: v }
}

/** The scalars of step `t` (from 1) as numbers; `gate` multiplies the learning rate. */
export const adamwScalars = (
  t: number,
  learningRate: number,
  { beta1, beta2, weightDecay }: Pick<TrainSettings, "beta1" | "beta2" | "weightDecay">
): { readonly learningRate: number; readonly shrink: number; readonly stepSize: number; readonly secondScale: number } => ({
  learningRate,
  shrink: 1 - learningRate * weightDecay,
  stepSize: learningRate / (1 - beta1 ** t),
  secondScale: 1 / Math.sqrt(1 - beta2 ** t)
})
