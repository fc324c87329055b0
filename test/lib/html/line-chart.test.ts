import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { lineChart } from "../../../lib/html/line-chart.ts"
import { bucketed, drawnRange } from "../../../lib/html/points.ts"
import { linear, ticks, tickText } from "../../../lib/html/scale.ts"
import { seed } from "../../seed.ts"

describe("ticks", () => {
  it("are round, within the range, evenly spaced, and neither none nor too many", () => {
    const number = fc.double({ min: -1e3, max: 1e3, noNaN: true })
    fc.assert(
      fc.property(number, fc.double({ min: 1e-4, max: 1e6, noNaN: true }), fc.integer({ min: 3, max: 8 }), (low, span, most) => {
        const found = ticks(low, low + span, most)
        assert.isTrue(found.length >= 1 && found.length <= most + 1)
        const slack = span * 1e-4
        assert.isTrue(found.every((tick) => tick >= low - slack && tick <= low + span + slack))
      }),
      { seed, numRuns: 500 }
    )
    assert.deepStrictEqual(ticks(0, 1, 4), [0, 0.5, 1])
    assert.deepStrictEqual(ticks(0, 2400, 6), [0, 500, 1000, 1500, 2000])
    assert.deepStrictEqual(ticks(3, 3, 4), [3])
  })

  it("are spelled shortly", () => {
    assert.deepStrictEqual([0, 0.25, 2000, 20000, 1e-5, 2.5e6, -15].map(tickText), [
      "0",
      "0.25",
      "2000",
      "20k",
      "1e-5",
      "2.5M",
      "-15"
    ])
  })
})

describe("a chart", () => {
  it("draws the mean of neighbours within their range, and leaves out what is not finite", () => {
    const y = [1, null, 3, Number.NaN, 5, 7, undefined, Number.POSITIVE_INFINITY, 9]
    const buckets = bucketed({ x: y.map((_, i) => i), y }, 2)
    assert.deepStrictEqual(buckets, [
      { x: 2, mean: 2, low: 1, high: 3 },
      { x: 8, mean: 7, low: 5, high: 9 }
    ])
  })

  it("has a range that is never empty and holds the level compared with", () => {
    for (const values of [[2], [2, 2], [0, 0], [-1, 5]]) {
      const [low, high] = drawnRange(bucketed({ x: values.map((_, i) => i), y: values }, 10), [4])
      assert.isTrue(low < high && low <= 4 && high >= 4)
    }
  })

  it("spells no NaN for one value, equal values or none", () => {
    for (const values of [[1], [2, 2, 2], [null], []]) {
      const svg = lineChart({ title: "loss", curve: { x: values.map((_, i) => i), y: values } }, "c").markup
      assert.notMatch(svg, /NaN|Infinity|undefined/)
    }
  })

  it("maps an empty range to the middle", () => {
    assert.strictEqual(linear(1, 1, 0, 10)(1), 5)
  })
})
