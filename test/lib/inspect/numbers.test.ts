import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { firstSeen } from "../../../lib/data/first-seen.ts"
import { byteAmount, many, share } from "../../../lib/inspect/amount.ts"
import { spreadOf } from "../../../lib/inspect/spread.ts"
import { kindOf, tally } from "../../../lib/inspect/tally.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { seed } from "../../seed.ts"

describe("spreadOf", () => {
  it("gives quantiles, mean and counts", () => {
    const spread = spreadOf(Float64Array.of(3, 1, 2, 5, 4))!
    assert.deepInclude(spread, { count: 5, least: 1, quarter: 2, median: 3, threeQuarters: 4, most: 5, mean: 3 })
    assert.deepStrictEqual(spread.histogram, { from: 1, step: 1, counts: [1, 1, 1, 1, 1] })
    assert.isUndefined(spreadOf(new Float64Array(0)))
    assert.deepStrictEqual(spreadOf(Float64Array.of(7, 7))!.histogram, { from: 7, step: 1, counts: [2] })
  })

  it("counts each number once, in at most 24 steps from the least, for any numbers", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.double({ min: 0, max: 9, noNaN: true })), { minLength: 1 }),
        (all) => {
          const { histogram, least, median, most } = spreadOf(Float64Array.from(all))!
          assert.strictEqual(
            histogram.counts.reduce((sum, count) => sum + count, 0),
            all.length
          )
          assert.isAtMost(histogram.counts.length, 24)
          assert.isAbove(histogram.step, 0)
          assert.deepStrictEqual([least, most], [Math.min(...all), Math.max(...all)])
          assert.include(all, median)
        }
      ),
      { seed, numRuns: 200 }
    )
  })
})

describe("firstSeen", () => {
  it("finds what was there before, as a map would, through growing", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4000 }), { maxLength: 6000, minLength: 3000 }), (things) => {
        const [seen, known] = [firstSeen(), new Map<number, number>()]
        things.forEach((thing, place) => {
          if (!known.has(thing)) known.set(thing, place)
          assert.strictEqual(seen.see(place, sha256(`${thing}`)), known.get(thing))
        })
        assert.strictEqual(seen.distinct(), known.size)
      }),
      { seed, numRuns: 5 }
    )
  })
})

describe("tally", () => {
  it("counts by name, most frequent first, each with the first example", () => {
    const counts = tally()
    for (const [name, example] of [
      ["b", "1"],
      ["a", "2"],
      ["b", "3"],
      ["__proto__", "4"]
    ] as const)
      counts.add(name, example)
    assert.deepStrictEqual(counts.sorted(), [
      { name: "b", count: 2, example: "1" },
      { name: "__proto__", count: 1, example: "4" },
      { name: "a", count: 1, example: "2" }
    ])
    assert.strictEqual(kindOf("too-large(9 bytes)"), "too-large")
  })
})

describe("amounts", () => {
  it("are written for people", () => {
    assert.deepStrictEqual([0, 999, 1000, 45_200, 1_234_567_890].map(byteAmount), [
      "0 B",
      "999 B",
      "1.00 kB",
      "45.2 kB",
      "1.23 GB"
    ])
    assert.deepStrictEqual([many(1, "fault"), many(1234, "fault")], ["1 fault", "1,234 faults"])
    assert.deepStrictEqual([share(0, 0), share(1, 3), share(1, 400), share(2, 2)], ["0 %", "33.3 %", "0.25 %", "100 %"])
  })
})
