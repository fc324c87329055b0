import { assert, describe, it } from "@effect/vitest"
import { key } from "../../../lib/random/key.ts"
import { uniform } from "../../../lib/random/uniform.ts"
import { assertKeyed, assertPrefixes } from "./prefix.ts"

describe("uniform", () => {
  it("draws value i independently of how many are drawn", () => assertPrefixes(uniform))
  it("depends on its key and refuses a bad count", () => assertKeyed("uniform", uniform))

  it("stays in [0, 1) and fills 64 bins evenly", () => {
    const n = 640_000
    const bins = new Float64Array(64)
    const values = uniform(key(3), n)
    assert.isTrue(values.every((value) => value >= 0 && value < 1))
    for (const value of values) bins[Math.floor(value * 64)]!++
    const expected = n / 64
    const chi = bins.reduce((sum, bin) => sum + (bin - expected) ** 2 / expected, 0)
    assert.isBelow(chi, 110) // 63 degrees of freedom: exceeded with probability 2e-4
  })

  it("gives the same bytes on every machine: golden values", () => {
    assert.deepStrictEqual([...uniform(key(0), 3)], [0.017049193382263184, 0.4986138939857483, 0.7172706723213196])
  })
})
