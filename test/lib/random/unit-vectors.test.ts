import { assert, describe, it } from "@effect/vitest"
import { key } from "../../../lib/random/key.ts"
import { unitVectors } from "../../../lib/random/unit-vectors.ts"
import { mean } from "./prefix.ts"

describe("unitVectors", () => {
  it("gives rows of length one", () => {
    for (const cols of [1, 2, 33]) {
      const out = unitVectors(key(1), 20, cols)
      assert.strictEqual(out.length, 20 * cols)
      for (let r = 0; r < 20; r++) {
        assert.closeTo(mean(out.subarray(r * cols, (r + 1) * cols), (x) => x * x) * cols, 1, 1e-6)
      }
    }
  })

  it("draws row r independently of how many rows are drawn", () => {
    assert.deepStrictEqual(unitVectors(key(2), 5, 7), unitVectors(key(2), 900, 7).slice(0, 35))
  })

  it("favours no direction", () => {
    const out = unitVectors(key(3), 50_000, 3)
    for (const axis of [0, 1, 2]) {
      const component = out.filter((_, i) => i % 3 === axis)
      assert.closeTo(
        mean(component, (x) => x),
        0,
        0.012
      )
      assert.closeTo(
        mean(component, (x) => x * x),
        1 / 3,
        0.006
      )
    }
  })

  it("refuses vectors without components", () => {
    assert.throws(() => unitVectors(key(1), 2, 0), RangeError, "unitVectors: expected rows ≥ 0 and cols ≥ 1, got 2 × 0")
  })
})
