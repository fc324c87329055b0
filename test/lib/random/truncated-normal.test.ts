import { assert, describe, it } from "@effect/vitest"
import { key } from "../../../lib/random/key.ts"
import { truncatedNormal } from "../../../lib/random/truncated-normal.ts"
import { assertKeyed, assertPrefixes, mean } from "./prefix.ts"

const draw = (from: Parameters<typeof truncatedNormal>[0], n: number) => truncatedNormal(from, n, 0.02)

describe("truncatedNormal", () => {
  it("draws value i independently of how many are drawn", () => assertPrefixes(draw))
  it("depends on its key and refuses a bad count", () => assertKeyed("truncatedNormal", draw))

  it("stays within two standard deviations and reaches close to them", () => {
    const values = draw(key(5), 200_000)
    const largest = values.reduce((max, x) => Math.max(max, Math.abs(x)), 0)
    assert.isAtMost(largest, Math.fround(0.04))
    assert.isAbove(largest, 0.0399)
  })

  it("has the spread of a normal cut at two standard deviations, .8796 of the std", () => {
    const values = truncatedNormal(key(5), 1_000_000, 1)
    assert.closeTo(
      mean(values, (x) => x),
      0,
      0.004
    )
    assert.closeTo(Math.sqrt(mean(values, (x) => x * x)), 0.8796, 0.002)
  })

  it("is all zeros for a std of 0 and refuses a negative one", () => {
    assert.isTrue(truncatedNormal(key(5), 10, 0).every((x) => x === 0))
    assert.throws(() => truncatedNormal(key(5), 1, -1), RangeError, "truncatedNormal: expected std ≥ 0, got -1")
  })
})
