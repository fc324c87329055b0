import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { storedSize } from "../../../lib/data/stored-size.ts"
import { seed } from "../../seed.ts"

const side = fc.integer({ min: 1, max: 50_000 })

describe("storedSize", () => {
  it("brings the shorter side to what is wanted and keeps the shape", () => {
    assert.deepStrictEqual(storedSize({ width: 640, height: 480 }, 256), { width: 341, height: 256 })
    assert.deepStrictEqual(storedSize({ width: 300, height: 1200 }, 150), { width: 150, height: 600 })
  })

  it("never enlarges, never makes a side 0 and never keeps more than eight times the square", () => {
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 512 }), (width, height, shorter) => {
        const size = storedSize({ width, height }, shorter)
        assert.isTrue(size.width >= 1 && size.width <= width && size.height >= 1 && size.height <= height)
        assert.isAtMost(size.width * size.height, Math.max(8, 8.1 * shorter * shorter + 8 * shorter))
      }),
      { seed, numRuns: 500 }
    )
  })
})
