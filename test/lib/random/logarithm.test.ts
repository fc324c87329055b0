import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { logarithm } from "../../../lib/random/logarithm.ts"
import { seed } from "../../seed.ts"

describe("logarithm", () => {
  it("agrees with Math.log to the last place for every positive normal double", () => {
    const x = fc.oneof(
      fc.double({ min: 2 ** -1022, max: Number.MAX_VALUE, noNaN: true }),
      fc.double({ min: 0.5, max: 2, noNaN: true })
    )
    fc.assert(
      fc.property(x, (value) => {
        const expected = Math.log(value)
        assert.closeTo(logarithm(value), expected, Math.abs(expected) * 2.3e-16)
      }),
      { seed, numRuns: 5000 }
    )
  })

  it("is exactly 0 at 1", () => assert.strictEqual(logarithm(1), 0))
})
