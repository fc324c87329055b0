import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { openBatchJob } from "../../../../lib/data/batch-job.ts"
import { hostContextOf } from "../../../../lib/data/host/host-context.ts"
import { openPipeline } from "../../../../lib/data/host/open-pipeline.ts"
import { noCaches } from "../../../../lib/data/host/prepared-cache.ts"
import { loadPipeline } from "../../../../lib/pipeline/load.ts"
import { type Pipeline, pipeline, pipelineDigest, toData } from "../../../../lib/pipeline/pipeline.ts"
import type { HostStage, TensorStage } from "../../../../lib/pipeline/stage.ts"
import { trainSettings } from "../../../../lib/pipeline/training-settings.ts"
import { key } from "../../../../lib/random/key.ts"
import { dataTables } from "../../../../pipelines/stages.ts"
import { tiny } from "../../../../pipelines/tiny.ts"
import { mask, tokens } from "../../../../stages/mask/index.ts"
import { tokenize, trained, vocabularyFile } from "../../../../stages/tokenize/index.ts"
import { openToySource } from "../../../toy/source.ts"

/** A vocab.txt with BERT's layout: [PAD], a hundred unused ones with [UNK] last, [CLS], [SEP], [MASK]. */
const bertLayout = [
  "[PAD]",
  ...Array.from({ length: 99 }, (_, i) => `[unused${i}]`),
  "[UNK]",
  "[CLS]",
  "[SEP]",
  "[MASK]",
  "a",
  "b"
]
const written = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = join(yield* fs.makeTempDirectoryScoped(), "vocab.txt")
  yield* fs.writeFileString(path, bertLayout.join("\n"))
  return path
})
const masking = (
  vocabulary: Parameters<typeof tokenize>[0]["vocabulary"],
  settings: Parameters<typeof tokens>[0] = {}
): Pipeline =>
  pipeline("masking", { train: "toy:4", heldOut: null })
    .pipe(tokenize({ vocabulary, length: 8 }))
    .pipe(mask({ text: tokens({ vocabulary: 256, ...settings }) } as never))
    .train(trainSettings({ batch: 2, steps: 1, learningRate: 0 }))
const hostContext = hostContextOf("toy:4", openToySource, noCaches)
const open = (given: Pipeline) => openPipeline(given, hostContext)
const textOf = (given: Pipeline) =>
  (given.stages.find(({ stage }) => stage === "mask")!.settings as { readonly text: { readonly special?: unknown } }).text
const learnt = { pad: 0, unknown: 1, cls: 2, sep: 3, mask: 4 }
const bert = { pad: 0, unknown: 100, cls: 101, sep: 102, mask: 103 }

layer(NodeServices.layer)("an opened pipeline", (it) => {
  it.effect("masks by the ids of its vocabulary, learnt or read", () =>
    Effect.gen(function* () {
      const path = yield* written
      const fromFile = yield* open(masking(vocabularyFile(path, { size: 256 })))
      assert.deepStrictEqual(textOf(fromFile.pipeline).special, bert)
      const fromCaptions = yield* open(masking(trained({ size: 256 })))
      assert.deepStrictEqual(textOf(fromCaptions.pipeline).special, learnt)
      // Words that are drawn are words that there are.
      const stage = fromFile.pipeline.stages[1] as TensorStage
      assert.deepStrictEqual(
        [...new Set(stage.noise["tokenRandom"]!.draw(key(1), [500]))].sort((a, b) => a - b),
        [...Array.from({ length: 99 }, (_, i) => i + 1), 104, 105]
      )
    })
  )

  it.effect("is refused where it says other ids than its vocabulary", () =>
    Effect.gen(function* () {
      const path = yield* written
      const error = yield* Effect.flip(open(masking(vocabularyFile(path, { size: 256 }), { special: { cls: 2, mask: 4 } })))
      assert.strictEqual(error.message, `masking: mask.text.special says cls 2, mask 4; the vocabulary has 101 and 103 (${path})`)
      const old = yield* Effect.flip(open(masking(vocabularyFile(path, { size: 256 }), { special: learnt })))
      assert.include(
        old.message,
        "mask.text.special says unknown 1, cls 2, sep 3, mask 4; the vocabulary has 100, 101, 102 and 103"
      )
      yield* open(masking(vocabularyFile(path, { size: 256 }), { special: bert }))
    })
  )

  it.effect("says so in workers too, whose batches are made from data", () =>
    Effect.gen(function* () {
      const path = yield* written
      const tables = { ...dataTables, openSource: openToySource }
      const job = (given: Pipeline) => openBatchJob({ pipeline: toData(given), seed: 1, cache: null }, tables)
      const opened = yield* job(masking(vocabularyFile(path, { size: 256 })))
      assert.deepStrictEqual(textOf(opened.pipeline).special, bert)
      const { feeds } = yield* opened.make(0)
      assert.isTrue([...feeds["noise/mask.tokenRandom"]!].every((id) => id < bertLayout.length))
      const error = yield* Effect.flip(job(masking(vocabularyFile(path, { size: 256 }), { special: learnt })))
      assert.include(error.message, "the vocabulary has 100, 101, 102 and 103")
    })
  )

  it.effect("that is recorded is the same opened again, and as data of before ids were left open", () =>
    Effect.gen(function* () {
      const { pipeline: opened } = yield* open(masking(trained({ size: 256 })))
      const again = yield* open(loadPipeline(JSON.parse(JSON.stringify(toData(opened))), dataTables))
      assert.strictEqual(pipelineDigest(again.pipeline), pipelineDigest(opened))
      // What run recorded before: all ids, by default those of a learnt vocabulary.
      const before = masking(trained({ size: 256 }), { special: learnt })
      assert.strictEqual(pipelineDigest((yield* open(before)).pipeline), pipelineDigest(opened))
      assert.strictEqual(pipelineDigest(before), pipelineDigest(opened))
    })
  )

  it.effect("is refused where nothing says which ids its words have", () =>
    Effect.gen(function* () {
      const silent: HostStage & { readonly open?: unknown } = { ...tokenize({ vocabulary: trained({ size: 256 }), length: 8 }) }
      const { open: _, vocabularies: __, ...quiet } = silent as HostStage & { readonly open?: unknown }
      const own = (special?: object) =>
        pipeline("own", { train: "toy:4", heldOut: null })
          .pipe(quiet as never)
          .pipe(mask({ text: tokens({ vocabulary: 256, ...(special ? { special } : {}) }) } as never) as never)
          .train(trainSettings({ batch: 2, steps: 1, learningRate: 0 }))
      const error = yield* Effect.flip(open(own()))
      assert.strictEqual(
        error.message,
        "own: mask needs the special ids of 'tokens', which the stage that adds it does not say: give them in its settings"
      )
      assert.deepStrictEqual(textOf((yield* open(own({ mask: 9 }))).pipeline).special, { mask: 9 })
    })
  )

  it.effect("leaves the pipeline that it is made from open", () => Effect.sync(() => assert.isUndefined(textOf(tiny).special)))
})
