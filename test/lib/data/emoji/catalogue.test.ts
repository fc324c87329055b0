import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { loadCatalogue, selectPairs } from "../../../../lib/data/emoji/catalogue.ts"
import { type Vendor, vendors } from "../../../../lib/data/emoji/vendor.ts"

const count = (pairs: ReadonlyArray<{ readonly vendor: Vendor }>) =>
  Object.fromEntries(
    (Object.keys(vendors) as Vendor[]).map((vendor) => [vendor, pairs.filter((pair) => pair.vendor === vendor).length])
  )

describe("the catalogue of emoji", () => {
  it.effect("has 19,319 pairs of 3,970 code points, 10,394 pairs of 1,940 without skin tones", () =>
    Effect.gen(function* () {
      const catalogue = yield* loadCatalogue
      const all = Object.keys(vendors) as Vendor[]
      const plain = selectPairs(catalogue, { population: "plain", vendors: all })
      const byCodePoint = { noto: 3708, fluent: 3139, openmoji: 3970, twemoji: 3970 }
      assert.deepStrictEqual(count(catalogue), { ...byCodePoint, "noto-v1": 2128, emojione: 1496, "emojione-v1": 908 })
      const plainByCodePoint = { noto: 1678, fluent: 1594, openmoji: 1940, twemoji: 1940 }
      assert.deepStrictEqual(count(plain), { ...plainByCodePoint, "noto-v1": 1243, emojione: 1091, "emojione-v1": 908 })
      assert.strictEqual(new Set(catalogue.map(({ group }) => group)).size, 3970)
      assert.strictEqual(new Set(plain.map(({ group }) => group)).size, 1940)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("matches a set without code points by the names that other sets give to theirs", () =>
    Effect.gen(function* () {
      const catalogue = yield* loadCatalogue
      for (const [id, icon] of [
        ["emojione/1f40c", "snail"],
        ["emojione-v1/1f680", "rocket"],
        ["noto-v1/1f468-200d-1f33e", "man-farmer"]
      ] as const)
        assert.strictEqual(catalogue.find((pair) => pair.id === id)?.icon, icon)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("gives pairs of one code point, and no others, one group, and every pair its own id", () =>
    Effect.gen(function* () {
      const catalogue = yield* loadCatalogue
      const codePoints = new Map(catalogue.map(({ group, codePoint }) => [group, codePoint]))
      for (const { group, codePoint } of catalogue) assert.strictEqual(codePoints.get(group), codePoint)
      assert.strictEqual(new Set(catalogue.map(({ id }) => id)).size, catalogue.length)
      assert.deepInclude(catalogue, {
        id: "noto/1f600",
        vendor: "noto",
        codePoint: "1f600",
        group: catalogue.find(({ id }) => id === "twemoji/1f600")!.group,
        icon: "grinning-face",
        skinTone: false
      })
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
