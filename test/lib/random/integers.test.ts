import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { integers } from "../../../lib/random/integers.ts"
import { key } from "../../../lib/random/key.ts"
import { seed } from "../../seed.ts"
import { assertKeyed, assertPrefixes } from "./prefix.ts"

const draw = (from: Parameters<typeof integers>[0], n: number) => integers(from, n, -5, 30_517)

describe("integers", () => {
  it("draws value i independently of how many are drawn", () => assertPrefixes(draw))
  it("depends on its key and refuses a bad count", () => assertKeyed("integers", draw))

  it("stays within its bounds, the lower included and the upper not", () => {
    const bound = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
    fc.assert(
      fc.property(bound, bound, fc.integer(), (a, b, from) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b) + 1]
        assert.isTrue(integers(key(from), 50, low, high).every((value) => value >= low && value < high))
      }),
      { seed, numRuns: 200 }
    )
    assert.deepStrictEqual([...integers(key(1), 3, 4, 5)], [4, 4, 4])
  })

  it("draws each value equally often", () => {
    const counts = [0, 0, 0, 0, 0, 0, 0]
    for (const value of integers(key(8), 700_000, -3, 4)) counts[value + 3]!++
    const chi = counts.reduce((sum, count) => sum + (count - 100_000) ** 2 / 100_000, 0)
    assert.isBelow(chi, 26) // 6 degrees of freedom: exceeded with probability 2e-4
  })

  it("refuses an empty range and bounds beyond int32", () => {
    assert.throws(() => integers(key(1), 1, 3, 3), RangeError, "integers: expected int32 bounds with low < high, got [3, 3)")
    assert.throws(() => integers(key(1), 1, 0, 2 ** 31 + 1), RangeError)
    assert.throws(() => integers(key(1), 1, 0.5, 3), RangeError)
  })
})
