import * as tf from "@tensorflow/tfjs"
import type { Tracer } from "../compiler/trace.ts"
import { bareName } from "../model/logged-names.ts"
import { WiringError } from "../pipeline/errors.ts"
import { weightAt } from "../pipeline/ramp.ts"
import type { Progress } from "../pipeline/stage.ts"
import type { TrainSettings } from "../pipeline/training-settings.ts"

type Weights = TrainSettings["lossWeights"]
interface Tensors {
  readonly [name: string]: tf.Tensor
}

/** Returns the key of the weight of a loss `STAGE.NAME`: its full name, else NAME; undefined where the weight is 1. */
const keyOf = (weights: Weights, full: string): string | undefined =>
  [full, bareName(full)].find((key) => Object.hasOwn(weights, key))

const inputOf = (key: string): string => `scalar/lossWeight.${key}`

/**
 * Checks that every key of `lossWeights` is one of these losses, `STAGE.NAME`, or NAME where only one stage has it. Throws a
 * `WiringError` that lists the available losses.
 */
export const checkLossWeights = (pipeline: string, weights: Weights, losses: readonly string[]): void => {
  const refuse = (problem: string) => new WiringError({ pipeline, problem: `training.lossWeights.${problem}` })
  if (losses.length === 0) throw new WiringError({ pipeline, problem: "no stage has a loss, so there is nothing to train" })
  for (const key of Object.keys(weights)) {
    const meant = losses.includes(key) ? [key] : losses.filter((full) => bareName(full) === key)
    if (meant.length === 0) throw refuse(`${key}: there is no such loss, only ${losses.join(", ")}`)
    if (meant.length > 1) throw refuse(`${key}: ${meant.length} stages have it; say which: ${meant.join(", ")}`)
    const [full] = meant as [string]
    if (key !== full && Object.hasOwn(weights, full)) throw refuse(`${key}: the same loss as ${full}; give one of them`)
  }
}

/** Returns Σ w·L over losses by `STAGE.NAME`, with the settings' weights (1 by default); a scheduled weight is an input. */
export const totalLoss = (t: Tracer, losses: Tensors, weights: Weights): tf.Tensor => {
  const weighed = Object.entries(losses).map(([full, loss]) => {
    const key = keyOf(weights, full)
    if (key === undefined) return loss
    const weight = weights[key]!
    if (typeof weight === "object") return tf.mul(loss, t.input(inputOf(key), [], "float32"))
    return weight === 1 ? loss : tf.mul(loss, weight)
  })
  if (weighed.length === 0) return tf.scalar(0)
  return weighed.length === 1 ? weighed[0]! : tf.addN(weighed)
}

/** Returns the scheduled weights at a given progress of a run, by the name of their input. */
export const lossWeightScalars = (weights: Weights, progress: Progress): { readonly [input: string]: number } =>
  Object.fromEntries(
    Object.entries(weights).flatMap(([key, weight]) =>
      typeof weight === "object" ? [[inputOf(key), weightAt(weight, progress)] as const] : []
    )
  )
