import * as tf from "@tensorflow/tfjs"
import { part, stageOf } from "../../lib/pipeline/part.ts"
import { gumbel } from "../../lib/random/gumbel.ts"
import { states } from "../../lib/tensor/field.ts"
import { detach } from "../../lib/tensor/own.ts"

// Tensor stages that look at a batch in ways that matter where it is split.

const weights = states("float32", "batch", "width")
const head = (stage: string, as: string) => ({ stage, as, version: 1, settings: {}, sizes: {} })
const zeros = (shape: readonly number[]) => new Float32Array(shape.reduce((a, b) => a * b, 1))

/** A loss that compares each sample with all others, by a parameter of its own. */
export const contrast = (as = "contrast") => {
  const whole = part({
    reads: { weights, "teacher.weights": weights },
    adds: {},
    parameters: () => ({
      "contrast.scale": { shape: [], init: () => Float32Array.of(0.3), decay: false, clamp: [0.001, 1] as const }
    }),
    apply: ({ fields, parameters }) => {
      const unit = (x: tf.Tensor): tf.Tensor2D => tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), 1, true), 1))) as tf.Tensor2D
      const logits = tf.mul(
        tf.matMul(unit(fields.weights), unit(fields["teacher.weights"]), false, true),
        parameters("contrast.scale")
      )
      return {
        fields: {},
        losses: { contrast: tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), tf.eye(logits.shape[0]!)), 1))) }
      }
    }
  })
  return stageOf(head("contrast", as), [part({ ...whole, batchwise: { whole, selects: {} } })])
}

/** A loss against a centre that moves towards the mean of the batch. */
export const centre = (as = "centre") =>
  stageOf(head("centre", as), [
    part({
      reads: { weights },
      adds: {},
      state: (sizes) => ({ centre: { dtype: "float32", shape: [sizes["width"]!], init: (_, shape) => zeros(shape) } }),
      apply: ({ fields, state }) => {
        const now = state["centre"]!
        const next = tf.add(tf.mul(now, 0.9), tf.mul(detach(tf.mean(fields.weights, 0)), 0.1))
        const away = tf.mean(tf.square(tf.sub(fields.weights, now)))
        return {
          fields: {},
          losses: { away },
          metrics: { size: tf.mean(detach(fields.weights)) },
          state: { centre: { replace: next } }
        }
      }
    })
  ])

/** A stage that needs the whole batch in one of these ways. */
export const needing = (ways: {
  readonly needsWholeBatch?: string
  readonly noise?: boolean
  readonly counts?: boolean
  readonly enqueues?: boolean
}) =>
  stageOf(head("needing", "needing"), [
    part({
      ...(ways.needsWholeBatch === undefined ? {} : { needsWholeBatch: ways.needsWholeBatch }),
      reads: { weights },
      adds: {},
      noise: ways.noise ? { order: { dtype: "float32", dims: ["batch"], draw: (key, [n]) => gumbel(key, n!) } } : {},
      state: (sizes) => ({
        ...(ways.counts ? { count: { dtype: "int32" as const, shape: [], init: () => new Int32Array(1) } } : {}),
        ...(ways.enqueues
          ? {
              queue: {
                dtype: "float32" as const,
                shape: [8, sizes["width"]!],
                init: (_: unknown, shape: readonly number[]) => zeros(shape)
              }
            }
          : {})
      }),
      apply: ({ fields, state }) => ({
        fields: {},
        losses: { needed: tf.mean(fields.weights) },
        state: {
          ...(ways.counts ? { count: { replace: tf.add(state["count"]!, tf.scalar(1, "int32")) } } : {}),
          ...(ways.enqueues ? { queue: { enqueue: detach(fields.weights) } } : {})
        }
      })
    })
  ])
