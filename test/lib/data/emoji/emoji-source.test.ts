import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type EmojiPair, loadCatalogue } from "../../../../lib/data/emoji/catalogue.ts"
import { emojiDefaults, emojiSource, pairsSource } from "../../../../lib/data/emoji/emoji-source.ts"
import { loadDrawings, render } from "../../../../lib/data/emoji/render.ts"
import { type Vendor, vendors } from "../../../../lib/data/emoji/vendor.ts"
import { imageLoaders } from "../../../../lib/data/image-loaders.ts"

const find = (source: { readonly count: number; id(index: number): string }, id: string) =>
  Array.from({ length: source.count }, (_, i) => i).find((i) => source.id(i) === id)!

describe("the source of emoji", () => {
  it.effect("gives an image on white of the wanted size, a group, and a label with and without tags", () =>
    Effect.gen(function* () {
      const source = yield* emojiSource("emoji", { ...emojiDefaults, size: 32, tags: true })
      assert.strictEqual(source.count, 8454)
      const sample = yield* source.sample(find(source, "noto/1f600"))
      assert.strictEqual(sample.id, "noto/1f600")
      assert.deepStrictEqual(sample.captions.slice(0, 1), ["grinning face"])
      assert.match(sample.captions[1]!, /^grinning face, cheerful/)
      const { data, info } = yield* Effect.promise(() => imageLoaders()(sample.image).raw().toBuffer({ resolveWithObject: true }))
      assert.deepStrictEqual([info.width, info.height, info.channels], [32, 32, 3])
      assert.deepStrictEqual([...data.subarray(0, 3)], [255, 255, 255])
      const middle = (16 * 32 + 16) * 3
      // A face is yellow.
      assert.isTrue(data[middle]! > 150 && data[middle + 2]! < 120)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("speaks the languages of its settings, the first one first", () =>
    Effect.gen(function* () {
      const source = yield* emojiSource("emoji", { ...emojiDefaults, languages: ["de", "en"] })
      const sample = yield* source.sample(find(source, "openmoji/1f40e"))
      assert.deepStrictEqual(sample.captions, ["Pferd", "horse"])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("has a digest, and one for each sample, that change with the settings", () =>
    Effect.gen(function* () {
      const digests = (changed: Partial<typeof emojiDefaults>) =>
        Effect.gen(function* () {
          const source = yield* emojiSource("emoji", { ...emojiDefaults, ...changed })
          return [source.digest, yield* source.sampleDigest(7)]
        })
      const first = yield* digests({})
      assert.deepStrictEqual(yield* digests({}), first)
      for (const changed of [{ size: 40 }, { tags: true }, { languages: ["fr"] }]) {
        const [digest, sampleDigest] = yield* digests(changed)
        assert.notStrictEqual(digest, first[0])
        assert.notStrictEqual(sampleDigest, first[1])
      }
      const [digest] = yield* digests({ population: "full" })
      assert.notStrictEqual(digest, first[0])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("credits each set that it uses, and the texts", () =>
    Effect.gen(function* () {
      const { credits } = yield* emojiSource("emoji", { ...emojiDefaults, vendors: ["noto", "twemoji"] })
      assert.deepStrictEqual(
        credits.map(({ name, licence }) => [name, licence]),
        [
          ["Noto Emoji", "Apache-2.0"],
          ["Twitter Emoji", "CC-BY-4.0"],
          ["Emojibase (from Unicode CLDR)", "MIT"]
        ]
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("renders the same image twice as the same bytes, and every vendor's", () =>
    Effect.gen(function* () {
      const catalogue = yield* loadCatalogue
      for (const vendor of Object.keys(vendors) as Vendor[]) {
        const drawings = yield* loadDrawings(vendor)
        const pair = catalogue.find(({ id }) => id === `${vendor}/1f3c3`)!
        assert.deepStrictEqual(yield* render(pair, drawings, 24), yield* render(pair, drawings, 24))
        for (const each of catalogue) if (each.vendor === vendor) assert.isString(drawings(each.icon, 24), each.id)
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("names the sample whose drawing is missing", () =>
    Effect.gen(function* () {
      const [first] = yield* loadCatalogue
      const lost: EmojiPair = { ...first!, icon: "toString" }
      const source = yield* pairsSource("lost", [lost], emojiDefaults)
      const error = yield* Effect.flip(source.sample(0))
      assert.strictEqual(error.message, `sample ${lost.id}: no-drawing(toString)`)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
