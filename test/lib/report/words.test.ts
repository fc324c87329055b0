import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { wordPlaces } from "../../../lib/report/words.ts"
import { openTinyModel } from "../task/tiny-model.ts"

layer(NodeServices.layer)("the places of a caption's words", (it) => {
  const places = (caption: string) =>
    Effect.gen(function* () {
      const { host } = yield* openTinyModel
      return yield* wordPlaces(
        caption,
        host.filter(({ stage }) => stage.stage === "tokenize")
      )
    })

  it.effect("follow each other after [CLS], and a word of several pieces has several", () =>
    Effect.gen(function* () {
      const found = yield* places("a zq, b")
      assert.deepStrictEqual(
        found.map(({ word }) => word),
        ["a", "zq", "b"]
      )
      assert.strictEqual(found[0]!.start, 1)
      for (const [i, { start, end }] of found.entries()) {
        assert.isBelow(start, end)
        assert.strictEqual(end, found[i + 1]?.start ?? end)
      }
      assert.isAbove(found[1]!.end - found[1]!.start, 1)
    })
  )

  it.effect("end where the caption was cut off, and there are none of an empty one", () =>
    Effect.gen(function* () {
      const found = yield* places("a b c d e f g h i j k l m n")
      assert.deepStrictEqual(
        found.map(({ word }) => word),
        [..."abcdefghij"]
      )
      assert.strictEqual(found.at(-1)!.end, 11) // the 12th place is [SEP]'s
      assert.deepStrictEqual(yield* places("  "), [])
    })
  )
})
