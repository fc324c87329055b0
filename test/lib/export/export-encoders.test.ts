import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { Effect, Logger } from "effect"
import { InferenceSession, Tensor } from "onnxruntime-node"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { exportEncoders } from "../../../lib/export/export-encoders.ts"
import { parameterLayout } from "../../../lib/model/layout.ts"
import { part, stageOf } from "../../../lib/pipeline/part.ts"
import { pairs, pipeline } from "../../../lib/pipeline/pipeline.ts"
import type { Sizes } from "../../../lib/pipeline/stage.ts"
import { trainSettings } from "../../../lib/pipeline/training-settings.ts"
import { tensor } from "../../../lib/tensor/field.ts"
import { patchify } from "../../../stages/patchify/index.ts"
import { tokenize, trained } from "../../../stages/tokenize/index.ts"

/** A pipeline whose images are embedded by what `weigh` makes of their mean patches and the size of the batch. */
const pipelineOf = (weigh: (means: tf.Tensor2D, batch: number) => tf.Tensor2D) => {
  const embeddings = part({
    reads: { patches: tensor("float32", "batch", "patches", "pixels"), tokens: tensor("int32", "batch", "tokens") },
    adds: { imageEmbedding: tensor("float32", "batch", "pixels"), textEmbedding: tensor("float32", "batch", "tokens") },
    parameters: () => ({ scale: { shape: [1], init: () => Float32Array.of(2), decay: false } }),
    apply: ({ fields, parameters, sizes }) => {
      const means = tf.mul(tf.mean(fields.patches as tf.Tensor, 1), parameters("scale")) as tf.Tensor2D
      return {
        fields: {
          imageEmbedding: weigh(means, sizes["batch"]!) as never,
          textEmbedding: tf.mul(tf.cast(fields.tokens as tf.Tensor, "float32"), parameters("scale")) as never
        }
      }
    }
  })
  const sizes: Sizes = {}
  return pipeline("weighed", pairs("embedded:emoji"))
    .pipe(tokenize({ vocabulary: trained({ size: 400 }), length: 12 }))
    .pipe(patchify({ size: 32, patch: 8 }))
    .pipe(stageOf({ stage: "weigh", as: "weigh", version: 1, settings: {}, sizes }, [embeddings]))
    .train(trainSettings({ batch: 4, steps: 1, learningRate: 0.001 }))
}

const exported = Effect.fnUntraced(function* (made: ReturnType<typeof pipelineOf>) {
  const said: string[] = []
  const log = Logger.make(({ message }) => {
    said.push(String(message))
  })
  const layout = parameterLayout(made)
  const encoders = yield* exportEncoders(made, layout, { student: Float32Array.of(2) }, "student", onnx).pipe(
    Effect.provide(Logger.layer([log]))
  )
  return { encoders, said }
})

const run = (model: Uint8Array, batch: number) =>
  Effect.promise(async () => {
    const session = await InferenceSession.create(model)
    const pixels = new Tensor("float32", new Float32Array(batch * 3072).fill(0.5), [batch, 3, 32, 32])
    const { imageEmbedding } = await session.run({ pixel_values: pixels })
    await session.release()
    return imageEmbedding!.dims
  })

layer(NodeServices.layer)("exported encoders", (it) => {
  it.effect("take batches of any size, and are checked at several", () =>
    Effect.gen(function* () {
      const { encoders, said } = yield* exported(pipelineOf((means) => means))
      assert.deepStrictEqual(
        encoders.map(({ file, batches }) => [file, batches]),
        [
          ["onnx/image.onnx", [1, 2, 5, 6, 64]],
          ["onnx/text.onnx", [1, 2, 5, 6, 64]]
        ]
      )
      assert.deepStrictEqual(said, [])
      for (const batch of [1, 4, 33]) assert.deepStrictEqual(yield* run(encoders[0]!.model, batch), [batch, 192])
    })
  )

  it.effect("take one sample at a time, with a warning, where a stage counts its batch", () =>
    Effect.gen(function* () {
      const counted = pipelineOf((means, batch) => tf.sub(means, tf.mul(tf.sum(means, 0, true), 1 / batch)))
      const { encoders, said } = yield* exported(counted)
      const [image, text] = encoders
      assert.deepStrictEqual([image!.batches, text!.batches], [[1], [1, 2, 5, 6, 64]])
      assert.include(image!.described, "`pixel_values` float32[1, 3, 32, 32]")
      assert.include(text!.described, "`tokens` int32[batch, 12] → `textEmbedding` float32[batch, 12]")
      assert.lengthOf(said, 1)
      assert.match(said[0]!, /^onnx\/image\.onnx: .* depends on the batch in a way that is not known, so it takes one sample/)
      assert.deepStrictEqual(yield* run(image!.model, 1), [1, 192])
    })
  )
})
