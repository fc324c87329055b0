import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { quantile } from "../../../lib/random/quantile.ts"
import { seed } from "../../seed.ts"

describe("quantile", () => {
  it("gives the values printed with algorithm AS 241", () => {
    assert.closeTo(quantile(0.25 - 0.5), -0.6744897501960817, 1e-15)
    assert.closeTo(quantile(0.001 - 0.5), -3.090232306167814, 1e-14)
    assert.closeTo(quantile(1e-13 - 0.5), -7.349, 0.001) // the far piece; ½ − 1e-13 itself is rounded
    assert.strictEqual(quantile(0), 0)
  })

  it("is odd and increasing", () => {
    const q = fc.double({ min: -0.5, max: 0.5, minExcluded: true, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(q, q, (a, b) => {
        assert.strictEqual(quantile(-a), -quantile(a))
        if (a < b) assert.isAtMost(quantile(a), quantile(b) + 1e-15 * Math.abs(quantile(b)))
      }),
      { seed, numRuns: 1000 }
    )
  })
})
