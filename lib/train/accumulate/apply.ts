import * as tf from "@tensorflow/tfjs"
import { type Program, sizeOf } from "../../compiler/program.ts"
import { type TracedUpdate, trace } from "../../compiler/trace.ts"
import type { Layout } from "../../model/layout.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import { sizesOf, tensorStagesOf } from "../../pipeline/tensor-stages.ts"
import { bucketWindow, parameterUpdates, trainedBuckets } from "../update.ts"
import { gradientBuffer } from "./contrast.ts"
import { nextBuffer } from "./micro-batch.ts"

/** Traces the first part of a step in micro-batches, where there is a teacher: its update towards the student (method.md §6). */
export const teacherProgram = (layout: Layout): Program =>
  trace((t) => {
    const momentum = t.input("scalar/momentum", [], "float32")
    const fresh = tf.sub(1, momentum)
    const updates = trainedBuckets(layout)
      .filter((bucket) => bucket.slots[0]!.hasTeacher)
      .map((bucket): TracedUpdate => {
        const moved = tf.add(
          tf.mul(bucketWindow(t, "teacher", bucket), momentum),
          tf.mul(bucketWindow(t, "student", bucket), fresh)
        )
        return { kind: "replace", buffer: "teacher", offset: bucket.offset, tensor: moved }
      })
    return { outputs: { momentum }, updates }
  })

/**
 * Traces the last part of a step in micro-batches: one AdamW update by the accumulated gradient, which is then zeroed, and the
 * stages' new state (`states`: the buffers whose next values were accumulated).
 */
export const applyProgram = (pipeline: Pipeline, layout: Layout, states: readonly string[]): Program =>
  trace((t) => {
    const scalars = Object.fromEntries(
      tensorStagesOf(pipeline).flatMap((stage) =>
        Object.keys(stage.scalars).map(
          (name) => [`${stage.as}.${name}`, t.input(`scalar/${stage.as}.${name}`, [], "float32")] as const
        )
      )
    )
    const buckets = trainedBuckets(layout)
    const gradients = buckets.map((bucket) => bucketWindow(t, gradientBuffer, bucket))
    const { norm, updates } = parameterUpdates(t, layout, pipeline.training, gradients, scalars)
    const emptied = buckets.map(
      (bucket): TracedUpdate => ({
        kind: "replace",
        buffer: gradientBuffer,
        offset: bucket.offset,
        tensor: tf.zeros([bucket.size])
      })
    )
    const kept = tensorStagesOf(pipeline).flatMap((stage) =>
      Object.entries(stage.state(sizesOf(stage, pipeline.sizes))).flatMap(([name, spec]): TracedUpdate[] => {
        const buffer = `${stage.as}.${name}`
        const next = nextBuffer(buffer)
        if (!states.includes(next)) return []
        const sum = t.input(`state/${next}`, spec.shape, "float32", { buffer: next, offset: 0 })
        return [
          { kind: "replace", buffer, offset: 0, tensor: tf.mul(sum, 1) },
          { kind: "replace", buffer: next, offset: 0, tensor: tf.zeros([sizeOf(spec.shape)]) }
        ]
      })
    )
    return { outputs: { gradientNorm: norm }, updates: [...updates, ...emptied, ...kept] }
  })
