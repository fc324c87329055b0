import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { asPairs } from "../../../lib/data/as-pairs.ts"
import { sampleKinds } from "../../../lib/pipeline/sample-kinds.ts"
import { toySource } from "../../toy/source.ts"
import { drawnSource } from "./samples/tables.ts"

describe("samples of any fields as pairs", () => {
  it.effect("have what there is of an image and its captions, and nothing for the rest", () =>
    Effect.gen(function* () {
      const [texts, images] = [drawnSource("t", 3, sampleKinds.texts), drawnSource("i", 3, sampleKinds.images)]
      const alone = asPairs(texts)
      assert.deepStrictEqual([alone.hasImages, alone.hasTexts, alone.source.groupBy], [false, true, "sample"])
      const { image, captions } = yield* alone.source.sample(1)
      assert.deepStrictEqual([image.length, captions], [0, [(yield* texts.sample(1))["text"]]])
      assert.deepStrictEqual(yield* alone.source.texts(1, "captions"), captions)
      const mute = asPairs(images)
      assert.deepStrictEqual([mute.hasImages, mute.hasTexts], [true, false])
      assert.deepStrictEqual((yield* mute.source.sample(2)).captions, [])
      const pairs = toySource(2)
      assert.strictEqual(asPairs(pairs).source, pairs)
    })
  )
})
