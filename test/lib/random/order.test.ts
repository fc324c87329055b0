import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { key } from "../../../lib/random/key.ts"
import { order } from "../../../lib/random/order.ts"
import { seed } from "../../seed.ts"

describe("order", () => {
  it("visits each element once an epoch, in an order of that epoch's own", () => {
    const n = 100
    const at = order(key(1), n)
    const epochs = [0, 1, 2].map((epoch) => Array.from({ length: n }, (_, i) => at(epoch * n + i)))
    epochs.forEach((places, epoch) => {
      assert.deepStrictEqual(
        places.map((place) => [place.epoch, place.position]),
        places.map((_, i) => [epoch, i])
      )
      assert.deepStrictEqual(
        places.map((place) => place.element).toSorted((a, b) => a - b),
        places.map((_, i) => i)
      )
    })
    const texts = epochs.map((places) => places.map((place) => place.element).join())
    assert.strictEqual(new Set(texts).size, 3)
  })

  it("does not depend on what was asked before", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.array(fc.nat(500), { minLength: 1 }), (n, indices) => {
        const kept = order(key(2), n)
        for (const index of indices) assert.deepStrictEqual(kept(index), order(key(2), n)(index))
      }),
      { seed, numRuns: 50 }
    )
  })

  it("refuses an index that is negative or not whole", () => {
    assert.throws(() => order(key(1), 3)(-1), RangeError, "order: expected an index ≥ 0, got -1")
    assert.throws(() => order(key(1), 0), RangeError)
  })
})
