import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { mostFrequent } from "../../../stages/tokenize/most-frequent.ts"
import { seed } from "../../seed.ts"

describe("mostFrequent", () => {
  it("gives the most frequent first, ties by the lower number, until none is left", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(50))), (entries) => {
        const heap = mostFrequent()
        for (const [count, key] of entries) heap.push(count, key)
        const popped = entries.map(() => heap.pop())
        assert.deepStrictEqual(
          popped,
          [...entries].sort(([m, a], [n, b]) => n - m || a - b)
        )
        assert.isUndefined(heap.pop())
      }),
      { seed, numRuns: 200 }
    )
  })
})
