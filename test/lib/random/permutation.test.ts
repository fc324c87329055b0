import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { derive, key } from "../../../lib/random/key.ts"
import { largestPermutation, permutation } from "../../../lib/random/permutation.ts"
import { seed } from "../../seed.ts"

describe("permutation", () => {
  it("maps [0, n) onto itself, each element once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer(), (n, from) => {
        const at = permutation(key(from), n)
        const seen = new Set(Array.from({ length: n }, (_, i) => at(i)))
        assert.strictEqual(seen.size, n)
        assert.isTrue([...seen].every((value) => Number.isInteger(value) && value >= 0 && value < n))
      }),
      { seed, numRuns: 100 }
    )
  })

  it("maps a set above the size where rounds change onto itself", () => {
    const n = 70_001
    const at = permutation(key(1), n)
    const seen = new Uint8Array(n)
    for (let i = 0; i < n; i++) seen[at(i)]!++
    assert.isTrue(seen.every((count) => count === 1))
  })

  it("reaches every permutation of 2 to 5 elements about equally often", () => {
    // 99.95 % points of chi-squared with n! − 1 degrees of freedom
    for (const [n, count, limit] of [
      [2, 2, 12.2],
      [3, 6, 22.2],
      [4, 24, 51],
      [5, 120, 177]
    ] as const) {
      const seen = new Map<string, number>()
      for (let trial = 0; trial < count * 100; trial++) {
        const at = permutation(derive(key(2), trial), n)
        const text = Array.from({ length: n }, (_, i) => at(i)).join()
        seen.set(text, (seen.get(text) ?? 0) + 1)
      }
      const missing = (count - seen.size) * 100
      const chi = [...seen.values()].reduce((sum, times) => sum + (times - 100) ** 2 / 100, missing)
      assert.isBelow(chi, limit, `${n} elements`)
    }
  })

  it("sends each index to all parts of a large set, as often to each", () => {
    const n = 14_000_000
    const at = permutation(key(3), n)
    const bins = new Float64Array(50)
    for (let i = 0; i < 50_000; i++) bins[Math.floor((at(i) / n) * 50)]!++
    const chi = bins.reduce((sum, bin) => sum + (bin - 1000) ** 2 / 1000, 0)
    assert.isBelow(chi, 90) // 49 degrees of freedom: exceeded with probability 3e-4
  })

  it("works at its largest size and refuses a larger, an empty one and an index outside", () => {
    const at = permutation(key(4), largestPermutation)
    for (const index of [0, 1, largestPermutation - 1]) {
      assert.isTrue(Number.isSafeInteger(at(index)) && at(index) >= 0 && at(index) < largestPermutation)
    }
    for (const bad of [0, 1.5, largestPermutation + 1])
      assert.throws(() => permutation(key(4), bad), RangeError, `permutation: expected a size from 1 to 2^40, got ${bad}`)
    assert.throws(() => permutation(key(4), 3)(3), RangeError, "permutation: expected an index from 0 to 2, got 3")
  })

  it("gives the same permutation on every machine: golden values", () => {
    const at = permutation(key(0), 10)
    assert.deepStrictEqual(
      Array.from({ length: 10 }, (_, i) => at(i)),
      [5, 4, 0, 1, 7, 6, 2, 8, 3, 9]
    )
  })
})
