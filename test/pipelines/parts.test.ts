import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { openBatches } from "../../lib/data/batches.ts"
import { onnx } from "../../lib/engine/onnx/engine.ts"
import { explain } from "../../lib/explain/explain.ts"
import { mermaid } from "../../lib/explain/mermaid.ts"
import { stepGraph } from "../../lib/explain/step-graph.ts"
import { fieldsProgram } from "../../lib/model/fields-program.ts"
import { initialState } from "../../lib/model/initial.ts"
import { parameterLayout } from "../../lib/model/layout.ts"
import { bind } from "../../lib/pipeline/bind.ts"
import { loadPipeline } from "../../lib/pipeline/load.ts"
import { pairs, pipeline, pipelineDigest, toData } from "../../lib/pipeline/pipeline.ts"
import { images } from "../../lib/pipeline/sample-kinds.ts"
import { pairValues, samples } from "../../lib/pipeline/samples.ts"

import { trainSettings } from "../../lib/pipeline/training-settings.ts"
import { restore } from "../../lib/run-folder/checkpoint.ts"
import { openStep } from "../../lib/train/open-step.ts"
import { stepScalars } from "../../lib/train/scalars.ts"
import { dataTables } from "../../pipelines/stages.ts"
import { align, itc } from "../../stages/align/index.ts"
import { encode } from "../../stages/encode/index.ts"
import { dualEncoder } from "../../stages/encode/model.ts"
import { sizes } from "../../stages/encode/sizes.ts"
import { mask, random, tokens } from "../../stages/mask/index.ts"
import { patchify } from "../../stages/patchify/index.ts"
import { pixel, reconstruct } from "../../stages/reconstruct/index.ts"
import { tokenize, trained } from "../../stages/tokenize/index.ts"

const size = sizes.tiny
const model = dualEncoder(size, { vocabulary: 512 })
const view = { size: 32, patch: 8 } as const
const words = { vocabulary: trained({ size: 512 }), length: 12 }
const ofImages = { batch: "images.batch" } as const
const alone = samples({ captions: pairValues.captions }, "embedded:emoji-tiny")

/** Pairs that are compared, images alone whose hidden patches are made again, and texts alone that are read: one model. */
const three = pipeline("three", pairs("embedded:emoji-tiny"))
  .source("images", images("embedded:emoji-tiny"), { batch: 8 }, (part) => part.pipe(patchify({ ...view, captions: false })))
  .source("texts", alone, { batch: 4 }, (part) => part.pipe(tokenize(words)))
  .pipe(tokenize(words))
  .pipe(patchify(view))
  .pipe(encode({ model, passes: ["whole"] }))
  .pipe(align({ contrastive: itc({ queue: 0, alpha: 0 }) }))
  .pipe(
    bind(mask({ image: random({ ratio: 0.5 }) }), {
      as: "mask.images",
      adds: { imageMask: "images.imageMask", maskedPatches: "images.maskedPatches", visiblePatches: "images.visiblePatches" },
      dims: ofImages
    })
  )
  .pipe(
    bind(encode({ model, passes: ["visibleImage"] }), {
      as: "encode.images",
      reads: { patches: "images.patches", visiblePatches: "images.visiblePatches" },
      adds: { visibleImage: "images.visibleImage" },
      dims: ofImages
    })
  )
  .pipe(
    bind(reconstruct({ image: pixel({ decoder: size.decoder }) }), {
      reads: {
        patches: "images.patches",
        maskedPatches: "images.maskedPatches",
        visiblePatches: "images.visiblePatches",
        fusedVisibleImage: "images.visibleImage"
      },
      dims: ofImages
    })
  )
  .pipe(
    bind(mask({ text: tokens({ ratio: 0.15, vocabulary: 512 }) }), {
      as: "mask.texts",
      reads: { tokens: "texts.tokens", tokenMask: "texts.tokenMask" },
      adds: {
        maskedTokens: "texts.maskedTokens",
        maskedPositions: "texts.maskedPositions",
        maskedWeights: "texts.maskedWeights"
      },
      dims: { batch: "texts.batch" }
    })
  )
  .train(trainSettings({ batch: 4, steps: 4, learningRate: 1e-3 }))

const workerUrl = new URL("../../pipelines/worker.ts", import.meta.url)

/** The losses of some steps, trained whole or in micro-batches. */
const losses = (microBatch: number, steps: number) =>
  Effect.gen(function* () {
    const given = { ...three, training: { ...three.training, microBatch } }
    const job = { pipeline: toData(given), seed: 1, cache: null }
    const opened = yield* openBatches({ job, tables: dataTables, workerUrl, workers: 0, from: 0 })
    const { layout, session, compile } = yield* openStep({ pipeline: opened.pipeline, engine: onnx, threads: 1 })
    yield* restore(session, initialState(opened.pipeline, layout, 1))
    const step = yield* compile
    return yield* Effect.forEach(
      Array.from({ length: steps }, (_, i) => i),
      Effect.fnUntraced(function* (i) {
        const { feeds } = yield* opened.next
        const outputs = yield* step.run({ ...feeds, ...stepScalars(opened.pipeline, i, opened.samples).feeds })
        return Object.fromEntries(Object.entries(outputs).map(([name, numbers]) => [name, numbers[0]!]))
      })
    )
  }).pipe(Effect.scoped, Effect.provide([NodeServices.layer, Logger.layer([])]))

describe("a step that reads pairs, images alone and texts alone", () => {
  it.live(
    "trains one model on all, in micro-batches as well as whole",
    () =>
      Effect.gen(function* () {
        const whole = yield* losses(0, 3)
        for (const { loss, itc, mim } of whole) assert.closeTo(loss!, itc! + mim!, 1e-4)
        const split = yield* losses(2, 3)
        assert.closeTo(split[2]!["loss"]! / whole[2]!["loss"]!, 1, 1e-3)
        assert.closeTo(split[0]!["mim"]! / whole[0]!["mim"]!, 1, 1e-5)
      }),
    60_000
  )

  it("is the same pipeline from data", () => {
    const loaded = loadPipeline(JSON.parse(JSON.stringify(toData(three))), dataTables)
    assert.strictEqual(pipelineDigest(loaded), pipelineDigest(three))
    assert.deepStrictEqual(loaded.fields, three.fields)
  })

  it("has the parameters of its stages once, and fields that depend on no part read none", () => {
    const layout = parameterLayout(three)
    const names = layout.slots.map(({ name }) => name)
    assert.strictEqual(new Set(names).size, names.length)
    const encoded = fieldsProgram(three, layout, 3, "student", ["imageEmbedding", "textEmbedding"])
    const fed = encoded.inputs.flatMap(({ name, source }) => ("feed" in source ? [name] : []))
    assert.sameMembers(fed, ["patches", "tokens", "tokenMask"])
  })

  it("is explained and drawn with its parts", () => {
    const { parts } = explain(three)
    const { batch, source, stages } = parts!["images"]!
    assert.deepStrictEqual(
      [batch, source.train, stages.map(({ as, reads }) => [as, reads.map(({ name }) => name)])],
      [8, "embedded:emoji-tiny", [["patchify", ["id", "image"]]]]
    )
    assert.include(mermaid(stepGraph(three)), "images.patchify")
  })
})
