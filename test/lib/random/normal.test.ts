import { assert, describe, it } from "@effect/vitest"
import { key } from "../../../lib/random/key.ts"
import { normal } from "../../../lib/random/normal.ts"
import { assertKeyed, assertPrefixes, mean } from "./prefix.ts"

describe("normal", () => {
  it("draws value i independently of how many are drawn", () => assertPrefixes(normal))
  it("depends on its key and refuses a bad count", () => assertKeyed("normal", normal))

  it("has the first four moments of the standard normal", () => {
    const values = normal(key(4), 1_000_000)
    assert.closeTo(
      mean(values, (x) => x),
      0,
      0.004
    )
    assert.closeTo(
      mean(values, (x) => x ** 2),
      1,
      0.006
    )
    assert.closeTo(
      mean(values, (x) => x ** 3),
      0,
      0.016
    )
    assert.closeTo(
      mean(values, (x) => x ** 4),
      3,
      0.04
    )
  })

  it("gives the same bytes on every machine: golden values", () => {
    assert.deepStrictEqual([...normal(key(0), 3)], [-2.118905782699585, -0.0034743105061352253, 0.574752688407898])
  })
})
