import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { openEncoders, planEncoders, scoreProgram } from "../../../lib/task/encoders.ts"
import { listItems } from "../../../lib/task/items.ts"
import { evaluateRetrieval } from "../../../lib/task/retrieval/evaluate-retrieval.ts"
import { tinyLayout as layout, openTinyModel as open } from "./tiny-model.ts"
import { tinyPipeline, tinyScore } from "./tiny-pipeline.ts"

layer(NodeServices.layer)("encoders", (it) => {
  it.effect("feed each side its own host fields and nothing random", () =>
    Effect.sync(() => {
      const plan = planEncoders(tinyPipeline, layout, 4, "student")
      assert.deepStrictEqual(plan.images.feeds, ["patches"])
      assert.deepStrictEqual(plan.images.states, ["imageStates"])
      assert.deepStrictEqual([...plan.texts.feeds].sort(), ["tokenMask", "tokens"])
      assert.deepStrictEqual([plan.texts.states, plan.texts.hostStates], [["textStates"], ["tokenMask"]])
      const used = plan.images.program.inputs.flatMap(({ name }) => (name.includes("bert.") ? [name] : []))
      assert.deepStrictEqual(used, [])
      assert.deepStrictEqual(
        scoreProgram(tinyPipeline, layout, tinyScore, 4, "student")
          .inputs.filter(({ source }) => "feed" in source)
          .map(({ name }) => name)
          .sort(),
        ["imageStates", "textStates", "tokenMask"]
      )
    })
  )

  it.effect("give the same numbers whatever else is in the batch, and unit embeddings", () =>
    Effect.gen(function* () {
      const { source, host, session } = yield* open
      const items = yield* listItems(source, host, 1)
      const { images, texts, score } = yield* openEncoders(session, tinyPipeline, layout, host, source, items, {
        batch: 3,
        who: "student",
        chain: tinyScore
      })
      const width = 32
      for (const side of [images, texts]) {
        const together = yield* side.encode([0, 1, 2])
        const alone = yield* side.encode([1])
        assert.deepStrictEqual(alone.embedding, together.embedding.slice(width, 2 * width))
        assert.closeTo(Math.hypot(...alone.embedding), 1, 1e-5)
      }
      const image = yield* images.encode([0, 1])
      const text = yield* texts.encode([0, 1])
      const both = yield* score!({ ...image.states, ...text.states }, 2)
      assert.strictEqual(both.length, 2)
      assert.isTrue(both.every((p) => p > 0 && p < 1))
      const one = yield* images.encode([1])
      const other = yield* texts.encode([1])
      assert.deepStrictEqual([...(yield* score!({ ...one.states, ...other.states }, 1))], [both[1]])
    })
  )

  it.effect("read the teacher's parameters when told to", () =>
    Effect.gen(function* () {
      const { source, host, session } = yield* open
      const items = yield* listItems(source, host, 1)
      const encode = Effect.fnUntraced(function* (who: "student" | "teacher") {
        const { images } = yield* openEncoders(session, tinyPipeline, layout, host, source, items, { batch: 2, who })
        return (yield* images.encode([0, 1])).embedding
      })
      assert.notDeepEqual(yield* encode("student"), yield* encode("teacher"))
    })
  )

  it.effect("evaluate retrieval end to end, the same whatever the batch and the memory", () =>
    Effect.gen(function* () {
      const { source, host, session } = yield* open
      const inputs = { session, pipeline: tinyPipeline, layout, host, source, step: null }
      const three = { captions: 1, examples: 3, chain: tinyScore }
      const one = yield* evaluateRetrieval(inputs, { ...three, batch: 4 })
      const other = yield* evaluateRetrieval(inputs, { ...three, batch: 3, stateBytes: 0 })
      assert.deepStrictEqual(one, other)
      assert.deepStrictEqual([one.metrics.images, one.metrics.texts, one.skipped], [7, 7, []])
      assert.strictEqual(one.metrics.tr10, 100)
      assert.strictEqual(one.details.examples.textsOfImages.length, 3)
      assert.strictEqual(one.details.examples.imagesOfTexts[0]!.found.length, 5)
    })
  )
})
