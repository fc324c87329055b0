import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import { expandBraces, hasBraces } from "../../../../lib/data/sources/braces.ts"
import { checkOptions, optionParts, parseLocation } from "../../../../lib/data/sources/location.ts"
import { seed } from "../../../seed.ts"

describe("parseLocation", () => {
  it.effect("takes options after the last mark, and leaves other marks in the path", () =>
    Effect.gen(function* () {
      const cases = {
        "a.json?images=val2014&split=test,val": ["a.json", { images: "val2014", split: "test,val" }],
        "what?.json": ["what?.json", {}],
        "what?a=b?c=d": ["what?a=b", { c: "d" }],
        "s3://bucket/x?caption=a%2Ab%": ["s3://bucket/x", { caption: "a%2Ab%" }],
        "a?caption=a%2Ab": ["a", { caption: "a*b" }],
        "a?": ["a?", {}],
        "a?images=": ["a", { images: "" }]
      } as const
      for (const [name, [path, options]] of Object.entries(cases)) {
        const found = yield* parseLocation(name)
        assert.deepStrictEqual([found.path, Object.fromEntries(found.options), found.name], [path, options, name])
      }
      assert.deepStrictEqual(optionParts(yield* parseLocation("a?split=x,,y"), "split"), ["x", "y"])
    })
  )

  it.effect("refuses an option given twice, and one that a format does not take, by name", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(parseLocation("a?b=1&b=2"))).message, "a?b=1&b=2: option 'b' is given twice")
      const location = yield* parseLocation("a.csv?imgaes=x")
      const error = yield* Effect.flip(checkOptions(location, "a table", ["image", "images"]))
      assert.strictEqual(error.message, "a.csv?imgaes=x: no option 'imgaes' for a table; it takes image, images")
    })
  )
})

describe("expandBraces", () => {
  it("gives ranges with their zeros, choices, and products, in order", () => {
    assert.deepStrictEqual(expandBraces("s-{008..010}.tar"), ["s-008.tar", "s-009.tar", "s-010.tar"])
    assert.deepStrictEqual(expandBraces("{a,b}/{8..10}"), ["a/8", "a/9", "a/10", "b/8", "b/9", "b/10"])
    assert.deepStrictEqual(expandBraces("{x}$&{$1,b}"), ["{x}$&{$1,b}"])
    assert.isUndefined(expandBraces("{0..999}{0..9999}"))
    assert.deepStrictEqual(["{a}", "{}", "a{1..2}", "{a,b}", "a"].map(hasBraces), [false, false, true, true, false])
  })

  it("gives as many names as a range is long, all of one length where the first has zeros before it", () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(300), (from, more) => {
        const names = expandBraces(`{${String(from).padStart(6, "0")}..${String(from + more).padStart(6, "0")}}`)!
        assert.strictEqual(names.length, more + 1)
        assert.deepStrictEqual(
          names.map(Number),
          Array.from({ length: more + 1 }, (_, i) => from + i)
        )
        assert.isTrue(names.every((name) => name.length === 6))
      }),
      { seed, numRuns: 50 }
    )
  })
})
