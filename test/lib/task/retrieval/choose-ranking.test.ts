import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import type { Source } from "../../../../lib/data/source.ts"
import { EngineError } from "../../../../lib/engine/engine.ts"
import { SampleError } from "../../../../lib/pipeline/errors.ts"
import type { Pipeline } from "../../../../lib/pipeline/pipeline.ts"
import { chooseRanking, heldOutKey, validationOf } from "../../../../lib/task/retrieval/choose-ranking.ts"
import { evaluateHeldOut } from "../../../../lib/task/retrieval/evaluate-held-out.ts"
import { evaluateRetrieval } from "../../../../lib/task/retrieval/evaluate-retrieval.ts"
import { meanRecall } from "../../../../lib/task/retrieval/leading.ts"
import { someOf } from "../../../../lib/task/subset.ts"
import { toySource } from "../../../toy/source.ts"
import { tinyLayout as layout, openTinyModel } from "../tiny-model.ts"
import { tinyPipeline } from "../tiny-pipeline.ts"

const heldOut = Effect.map(openSource("embedded:emoji-held-out"), (source) => ({ ...source, count: 48 }))
const opened = Effect.map(openTinyModel, ({ host, session }) => ({ session, pipeline: tinyPipeline, layout, host, step: 1 }))
const ids = (source: Source): readonly string[] => Array.from({ length: source.count }, (_, i) => source.id(i))
const lacking = (of: number, test: number): string | undefined => {
  const found = validationOf(toySource(of), tinyPipeline, test)
  return "lacks" in found ? found.lacks : undefined
}

layer(NodeServices.layer)("the choice of a ranking", (it) => {
  it.effect("is made on pairs beside the test's: as many as those, 20 at least and 400 at most, 100 where none are tested", () =>
    Effect.sync(() => {
      const counts = [5, 64, 900, 0].map((test) => {
        const found = validationOf(toySource(4000), tinyPipeline, test)
        return "source" in found ? found.source.count : 0
      })
      assert.deepStrictEqual(counts, [20, 64, 400, 100])
    })
  )

  it.effect("says in words that no pairs are left, or too few", () =>
    Effect.sync(() => {
      assert.strictEqual(lacking(32, 32), "all 32 held-out pairs of toy:32 are test pairs (evaluate=32)")
      assert.strictEqual(lacking(32, 400), "all 32 held-out pairs of toy:32 are test pairs (evaluate=400)")
      // Samples of the toy source share groups by threes.
      assert.strictEqual(
        lacking(99, 80),
        "0 of the 99 held-out pairs of toy:99 are apart from the test pairs (evaluate=80), fewer than 20"
      )
      assert.isUndefined(lacking(999, 80))
    })
  )

  it.effect("falls on the ranking that is better on those pairs", () =>
    Effect.gen(function* () {
      const model = yield* opened
      const validation = validationOf(yield* heldOut, tinyPipeline, 24)
      assert(validation !== undefined && "source" in validation)
      const leading = yield* chooseRanking(model, validation, { k: 10, batch: 8 })
      const { retrieval } = yield* evaluateRetrieval({ ...model, source: validation.source }, { k: 10, batch: 8, captions: 1 })
      const [reranked, cosine] = [meanRecall(retrieval), meanRecall(retrieval.dual)]
      assert.deepStrictEqual(leading.validation, { data: "embedded:emoji-held-out", pairs: retrieval.images, reranked, cosine })
      assert.strictEqual(leading.ranking, reranked > cosine ? "re-ranked" : "cosine")
      assert.strictEqual(leading.candidates, 10)
    })
  )

  it.effect("falls on cosine alone, saying why, where the two cannot be compared", () =>
    Effect.gen(function* () {
      const model = yield* opened
      const source = yield* heldOut
      const reason = Effect.fnUntraced(function* (
        validation: Parameters<typeof chooseRanking>[1],
        pipeline: Pipeline = tinyPipeline
      ) {
        const { ranking, reason, candidates } = yield* chooseRanking({ ...model, pipeline }, validation, { k: 3, batch: 8 })
        assert.strictEqual(ranking, "cosine")
        return `${candidates}: ${reason}`
      })
      assert.strictEqual(
        yield* reason({ lacks: "there is no data" }),
        "10: re-ranking could not be compared with it: there is no data"
      )
      const unscored = { ...tinyPipeline, score: [], scoreFields: {} }
      assert.strictEqual(yield* reason({ source }, unscored), "0: the pipeline has no stages that score pairs")
      const unreadable = (from: number): Source => ({
        ...source,
        sample: (i) => (i < from ? source.sample(i) : Effect.fail(new SampleError({ id: source.id(i), reason: "gone" })))
      })
      assert.strictEqual(
        yield* reason({ source: unreadable(6) }),
        "10: re-ranking could not be compared with it: 6 of 48 validation pairs of embedded:emoji-held-out can be used, fewer than 20"
      )
      assert.match(
        yield* reason({ source: unreadable(0) }),
        /could not be compared with it: retrieval: 0 images and 0 texts: \d+ samples could not be used: \d+ × [^(]+ \([^)]*\)$/
      )
    })
  )

  it.effect("leads a run's evaluation, whose test pairs and recalls stay as they were, and whose examples follow it", () =>
    Effect.gen(function* () {
      const model = yield* opened
      const all = yield* heldOut
      const { source, evaluation } = yield* evaluateHeldOut(model, all, 20, [])
      const { leading, ...recalls } = evaluation.retrieval
      assert.deepStrictEqual(ids(source), ids(someOf(all, 20, heldOutKey(tinyPipeline))))
      const alone = yield* evaluateRetrieval({ ...model, source }, { captions: 1, k: tinyPipeline.training.candidates })
      assert.deepStrictEqual(recalls, alone.retrieval)
      assert(leading !== undefined)
      assert.strictEqual(leading.validation?.pairs, 20)
      assert.strictEqual(leading.candidates, 128)

      const shown = Effect.fnUntraced(function* (ranking: "re-ranked" | "cosine") {
        const options = { captions: 1, k: 10, leading: { ...leading, ranking } }
        const { examples } = yield* evaluateRetrieval({ ...model, source }, options)
        return examples.textsOfImages.flatMap(({ found }) => found.map(({ score }) => score))
      })
      assert.isTrue((yield* shown("re-ranked")).every((score) => score > 0 && score < 1))
      assert.notDeepEqual(yield* shown("cosine"), yield* shown("re-ranked"))
      const led = yield* evaluateRetrieval({ ...model, source }, { captions: 1, k: 128, leading })
      assert.deepStrictEqual(led.examples, evaluation.examples)
    })
  )

  it.effect("fails as the engine does", () =>
    Effect.gen(function* () {
      const model = yield* opened
      const error = new EngineError({ engine: "onnx", doing: "compiling", reason: "out of memory" })
      const session = { ...model.session, compile: () => Effect.fail(error) }
      const validation = validationOf(yield* heldOut, tinyPipeline, 24)
      assert.strictEqual(yield* Effect.flip(chooseRanking({ ...model, session }, validation, { k: 10 })), error)
    })
  )
})
