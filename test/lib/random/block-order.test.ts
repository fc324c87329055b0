import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { type Blocks, blockOf, blockOrder } from "../../../lib/random/block-order.ts"
import { key } from "../../../lib/random/key.ts"
import { order } from "../../../lib/random/order.ts"
import { seed } from "../../seed.ts"

const blocks = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 5 }))
  .map(([sizes, window]): Blocks => {
    const starts = [0]
    for (const size of sizes) starts.push(starts.at(-1)! + size)
    return { starts, window }
  })

describe("blockOrder", () => {
  it("visits each element once, at most a window of blocks at a time", () => {
    fc.assert(
      fc.property(blocks, fc.nat(), (given, number) => {
        const { at, windowOf } = blockOrder(key(number), given)
        const count = given.starts[given.starts.length - 1]!
        const elements = Array.from({ length: count }, (_, position) => at(position))
        assert.deepStrictEqual(
          elements.toSorted((a, b) => a - b),
          elements.map((_, i) => i)
        )
        for (let position = 0; position < count; ) {
          const { start, length } = windowOf(position)
          assert.strictEqual(start, position)
          const touched = new Set(elements.slice(start, start + length).map((element) => blockOf(given, element)))
          assert.isAtMost(touched.size, given.window)
          position += length
        }
      }),
      { seed, numRuns: 100 }
    )
  })

  it("is a function of key, blocks and position, whatever was asked before", () => {
    fc.assert(
      fc.property(blocks, fc.array(fc.nat(300), { minLength: 1 }), (given, indices) => {
        const count = given.starts[given.starts.length - 1]!
        const kept = order(key(3), count, given)
        for (const index of indices) {
          const fresh = order(key(3), count, given)
          assert.deepStrictEqual(kept(index), fresh(index))
          const near = kept.near(kept(index))
          const elements = Array.from({ length: near.count }, (_, i) => near.element(i))
          assert.include(elements, kept(index).element)
        }
      }),
      { seed, numRuns: 50 }
    )
  })

  it("gives every order of few blocks and elements about as often", () => {
    const counts = new Map<string, number>()
    const given: Blocks = { starts: [0, 1, 3], window: 2 }
    for (let n = 0; n < 1200; n++) {
      const { at } = blockOrder(key(n), given)
      const text = [at(0), at(1), at(2)].join()
      counts.set(text, (counts.get(text) ?? 0) + 1)
    }
    assert.strictEqual(counts.size, 6)
    // Chi-squared with 5 degrees of freedom: 20.5 has a probability of one in a thousand.
    const squared = [...counts.values()].reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)
    assert.isBelow(squared, 20.5)
  })
})
