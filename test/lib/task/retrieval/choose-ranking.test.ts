import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import type { Source } from "../../../../lib/data/source.ts"
import { EngineError } from "../../../../lib/engine/engine.ts"
import { SampleError } from "../../../../lib/pipeline/errors.ts"
import { noStages, type Stages } from "../../../../lib/pipeline/task.ts"
import { testSamples, type Validation, validationOf } from "../../../../lib/task/held-out.ts"
import { chooseRanking } from "../../../../lib/task/retrieval/choose-ranking.ts"
import { evaluateRetrieval } from "../../../../lib/task/retrieval/evaluate-retrieval.ts"
import { definition, retrieval } from "../../../../lib/task/retrieval/index.ts"
import { meanRecall } from "../../../../lib/task/retrieval/leading.ts"
import type { Retrieved } from "../../../../lib/task/retrieval/section.ts"
import { tinyLayout as layout, openTinyModel } from "../tiny-model.ts"
import { tinyScore as chain, tinyPipeline } from "../tiny-pipeline.ts"

const heldOut = Effect.map(openSource("embedded:emoji-held-out"), (source) => ({ ...source, count: 48 }))
const opened = Effect.map(openTinyModel, ({ host, session }) => ({ session, pipeline: tinyPipeline, layout, host, step: 1 }))
const test = { setting: "retrieval.pairs", count: 24 }

layer(NodeServices.layer)("the choice of a ranking", (it) => {
  it.effect("falls on the ranking that is better on those pairs", () =>
    Effect.gen(function* () {
      const model = yield* opened
      const validation = validationOf(yield* heldOut, tinyPipeline, test)
      assert(validation !== undefined && "source" in validation)
      const leading = yield* chooseRanking(model, validation, { k: 10, batch: 8, chain })
      const options = { k: 10, batch: 8, captions: 1, chain }
      const { metrics } = yield* evaluateRetrieval({ ...model, source: validation.source }, options)
      const [reranked, cosine] = [meanRecall(metrics), meanRecall(metrics.dual)]
      assert.deepStrictEqual(leading.validation, { data: "embedded:emoji-held-out", pairs: metrics.images, reranked, cosine })
      assert.strictEqual(leading.ranking, reranked > cosine ? "re-ranked" : "cosine")
      assert.strictEqual(leading.candidates, 10)
    })
  )

  it.effect("falls on cosine alone, saying why, where the two cannot be compared", () =>
    Effect.gen(function* () {
      const model = yield* opened
      const source = yield* heldOut
      const reason = Effect.fnUntraced(function* (validation: Validation, scoring: Stages = chain) {
        const options = { k: 3, batch: 8, chain: scoring }
        const { ranking, reason, candidates } = yield* chooseRanking(model, validation, options)
        assert.strictEqual(ranking, "cosine")
        return `${candidates}: ${reason}`
      })
      assert.strictEqual(
        yield* reason({ lacks: "there is no data" }),
        "10: re-ranking could not be compared with it: there is no data"
      )
      assert.strictEqual(yield* reason({ source }, noStages), "0: the pipeline has no stages that score pairs")
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

  it.effect("leads a run's evaluation, whose recalls stay as they were, and whose examples follow it", () =>
    Effect.gen(function* () {
      const model = yield* opened
      const all = yield* heldOut
      const source = testSamples(all, tinyPipeline, { ...test, count: 20 })
      const inputs = { ...model, source, whole: all, who: "student", batch: 64, captions: 1, metrics: [] } as const
      const task = retrieval({ pairs: 20, score: chain })
      const { metrics, details } = definition.view(yield* definition.measure(inputs, task)) as Retrieved
      const { leading, ...recalls } = metrics
      const alone = yield* evaluateRetrieval({ ...model, source }, { captions: 1, k: 128, chain })
      assert.deepStrictEqual(recalls, alone.metrics)
      assert(leading !== undefined)
      assert.strictEqual(leading.validation?.pairs, 20)
      assert.strictEqual(leading.candidates, 128)

      const shown = Effect.fnUntraced(function* (ranking: "re-ranked" | "cosine") {
        const options = { captions: 1, k: 10, chain, leading: { ...leading, ranking } }
        const { examples } = (yield* evaluateRetrieval({ ...model, source }, options)).details
        return examples.textsOfImages.flatMap(({ found }) => found.map(({ score }) => score))
      })
      assert.isTrue((yield* shown("re-ranked")).every((score) => score > 0 && score < 1))
      assert.notDeepEqual(yield* shown("cosine"), yield* shown("re-ranked"))
      const led = yield* evaluateRetrieval({ ...model, source }, { captions: 1, k: 128, chain, leading })
      assert.deepStrictEqual(led.details, details)
    })
  )

  it.effect("fails as the engine does", () =>
    Effect.gen(function* () {
      const model = yield* opened
      const error = new EngineError({ engine: "onnx", doing: "compiling", reason: "out of memory" })
      const session = { ...model.session, compile: () => Effect.fail(error) }
      const validation = validationOf(yield* heldOut, tinyPipeline, test)
      assert.strictEqual(yield* Effect.flip(chooseRanking({ ...model, session }, validation, { k: 10, chain })), error)
    })
  )
})
