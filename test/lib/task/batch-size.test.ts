import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { openModelSession } from "../../../lib/model/model-session.ts"
import { embedSource } from "../../../lib/task/embed.ts"
import { evaluateRetrieval } from "../../../lib/task/retrieval/evaluate-retrieval.ts"
import { tinyLayout as layout, openTinyModel } from "./tiny-model.ts"
import { tinyPipeline as pipeline, tinyScore } from "./tiny-pipeline.ts"

/** Batch sizes below and above those at which results of the tiny model lie in planned memory, each with a number of threads. */
const batches = [
  [2, 1],
  [5, 1],
  [6, 2],
  [64, 2]
] as const
/** How far numbers of an embedding, of length 1, may be apart. */
const tolerance = 1e-5

const farthest = (a: Float32Array, b: Float32Array): number => a.reduce((far, x, i) => Math.max(far, Math.abs(x - b[i]!)), 0)

layer(NodeServices.layer)("whatever the batch and the number of threads", (it) => {
  for (const who of ["student", "teacher"] as const) {
    it.effect(`embeddings by the ${who} are the same numbers`, () =>
      Effect.gen(function* () {
        const { source, host, student, teacher } = yield* openTinyModel
        const embed = Effect.fnUntraced(function* (batch: number, threads: number) {
          const session = yield* openModelSession(onnx, layout, { student, teacher }, { threads })
          return yield* embedSource({ session, pipeline, layout, host, source, who, batch })
        }, Effect.scoped)
        const alone = yield* embed(1, 1)
        for (const [batch, threads] of batches) {
          const { images, texts } = yield* embed(batch, threads)
          assert.isAtMost(farthest(images.data, alone.images.data), tolerance, `images, batch ${batch}, ${threads} threads`)
          assert.isAtMost(farthest(texts.data, alone.texts.data), tolerance, `texts, batch ${batch}, ${threads} threads`)
        }
      })
    )
    it.effect(`retrieval by the ${who} has the same recalls`, () =>
      Effect.gen(function* () {
        const { source, host, student, teacher } = yield* openTinyModel
        const measure = Effect.fnUntraced(function* (batch: number, threads: number) {
          const session = yield* openModelSession(onnx, layout, { student, teacher }, { threads })
          const inputs = { session, pipeline, layout, host, source, step: null }
          return (yield* evaluateRetrieval(inputs, { who, batch, captions: 1, chain: tinyScore })).metrics
        }, Effect.scoped)
        const alone = yield* measure(1, 1)
        for (const [batch, threads] of batches) assert.deepEqual(yield* measure(batch, threads), alone, `batch ${batch}`)
      })
    )
  }
})
