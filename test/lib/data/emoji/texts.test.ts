import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { describe as describeEmoji, languages, loadTexts } from "../../../../lib/data/emoji/texts.ts"

describe("the texts of emoji", () => {
  it.effect("name every emoji in 28 languages", () =>
    Effect.gen(function* () {
      const english = yield* loadTexts("en")
      assert.strictEqual(english.size, 3979)
      assert.strictEqual(languages.length, 28)
      for (const language of languages) {
        const texts = yield* loadTexts(language)
        assert.deepStrictEqual(new Set(texts.keys()), new Set(english.keys()), language)
        assert.isTrue(
          [...texts.values()].every(({ label }) => label.trim() !== ""),
          language
        )
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("give a skin-tone variant the tags of its base", () =>
    Effect.gen(function* () {
      const texts = yield* loadTexts("en")
      assert.strictEqual(texts.get("1f44b-1f3fd")?.label, "waving hand: medium skin tone")
      assert.deepStrictEqual(texts.get("1f44b-1f3fd")?.tags, texts.get("1f44b")?.tags)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("of an unknown language are an error that names the file", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(loadTexts("xx"))
      assert.match(error.message, /^emojibase-data\/xx\/data\.json: not installed: [^\n]*$/)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it("are described by the label and the tags that say more", () => {
    assert.strictEqual(
      describeEmoji({ label: "nerd face", tags: ["face", "nerd", "clever", "Smart face"] }),
      "nerd face, clever, Smart face"
    )
    assert.strictEqual(describeEmoji({ label: "socks", tags: [] }), "socks")
  })
})
