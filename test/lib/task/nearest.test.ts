import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import { nearest } from "../../../lib/task/nearest.ts"
import { seed } from "../../seed.ts"

const width = 3
const rows = fc
  .array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: width, maxLength: width }), { minLength: 1, maxLength: 50 })
  .map((all) => ({ data: Float32Array.from(all.flat()), width }))

describe("nearest", () => {
  it("keeps the k of the largest inner product in order, the lower index first where they are equal", () => {
    fc.assert(
      fc.property(rows, rows, fc.integer({ min: 1, max: 60 }), (queries, candidates, k) => {
        const found = Effect.runSync(nearest(queries, candidates, k))
        const count = candidates.data.length / width
        assert.strictEqual(found.k, Math.min(k, count))
        for (let q = 0; q < queries.data.length / width; q++) {
          const all = Array.from({ length: count }, (_, c) => ({
            c,
            x: [0, 1, 2].reduce((sum, i) => sum + queries.data[q * width + i]! * candidates.data[c * width + i]!, 0)
          }))
          all.sort((a, b) => b.x - a.x || a.c - b.c)
          const best = all.slice(0, k)
          assert.deepStrictEqual(
            [...found.candidates.subarray(q * found.k, (q + 1) * found.k)],
            best.map(({ c }) => c)
          )
          assert.deepStrictEqual(
            [...found.similarities.subarray(q * found.k, (q + 1) * found.k)],
            best.map(({ x }) => x)
          )
        }
      }),
      { seed, numRuns: 200 }
    )
  })
})
