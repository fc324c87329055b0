import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { textSet } from "../../../../lib/data/sources/text-set.ts"

const seed = 20_240_300

describe("a set of texts", () => {
  it("has each text once, in the order in which it was first given, as a map would", () => {
    const text = fc.oneof(fc.constantFrom("", "a", "b", "é", "__proto__"), fc.string({ unit: "binary" }))
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const set = textSet()
        const expected = new Map<string, number>()
        for (const each of texts) {
          const whole = each.toWellFormed()
          if (!expected.has(whole)) expected.set(whole, expected.size)
          assert.strictEqual(set.place(each), expected.get(whole))
        }
        assert.strictEqual(set.count(), expected.size)
        const column = set.done()
        assert.deepStrictEqual(
          Array.from({ length: column.count }, (_, i) => column.at(i)),
          [...expected.keys()]
        )
      }),
      { seed, numRuns: 300 }
    )
  })

  it("knows a hundred thousand texts again, whichever table they were put in", () => {
    const set = textSet()
    const names = Array.from({ length: 100_000 }, (_, i) => `images/${i}.jpg`)
    assert.isTrue(names.every((name, i) => set.place(name) === i))
    assert.isTrue(names.every((name, i) => set.place(name) === i))
    assert.strictEqual(set.done().count, names.length)
  })

  it("takes two names with lone surrogates that are written alike for one", () => {
    const set = textSet()
    assert.deepStrictEqual([set.place("a\ud800"), set.place("a\udc00"), set.place("a\ufffd")], [0, 0, 0])
  })
})
