import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { derive, key } from "../../../lib/random/key.ts"
import { blockSettings, blockWise } from "../../../stages/mask/block-wise.ts"
import { blocks, covered } from "../../../stages/mask/blocks.ts"
import { seed } from "../../seed.ts"

const cases = fc
  .record({ rows: fc.integer({ min: 1, max: 16 }), columns: fc.integer({ min: 1, max: 16 }), sample: fc.nat() })
  .chain(({ rows, columns, sample }) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      sample: fc.constant(sample),
      count: fc.integer({ min: 0, max: rows * columns }),
      minimum: fc.integer({ min: 1, max: 20 }),
      maximum: fc.integer({ min: 1, max: 256 }),
      aspect: fc.constantFrom(0.3, 0.5, 1)
    })
  )

describe("blocks of patches", () => {
  it("are unions of rectangles within the grid, and single patches, together exactly the count and none twice", () => {
    fc.assert(
      fc.property(cases, ({ sample, ...settings }) => {
        const { rectangles, single, patches } = blocks(settings, derive(key(seed), sample))
        const { rows, columns, count } = settings
        for (const { top, left, height, width } of rectangles)
          assert.isTrue(top >= 0 && left >= 0 && height > 0 && width > 0 && top + height <= rows && left + width <= columns)
        const inBlocks = new Set(rectangles.flatMap((rectangle) => covered(rectangle, columns)))
        assert.equal(inBlocks.size + single.length, count)
        assert.deepEqual(new Set(patches), new Set([...inBlocks, ...single]))
        assert.equal(new Set(patches).size, patches.length)
        assert.isTrue(patches.every((patch) => patch >= 0 && patch < rows * columns))
      }),
      { seed, numRuns: 1000 }
    )
  })

  it("have areas and aspects within their bounds, up to rounding", () => {
    fc.assert(
      fc.property(fc.nat(), (sample) => {
        const settings = blockSettings(blockWise({ ratio: 0.4, maximum: 40 }), 196)
        const { rectangles, single } = blocks(settings, derive(key(seed), "areas", sample))
        assert.isTrue(rectangles.length > 0)
        for (const { height, width } of rectangles) {
          // Sides are rounded: each may be half a patch longer or shorter than what was drawn.
          assert.isAtMost((height - 0.5) * (width - 0.5), 40)
          assert.isAtMost((height - 0.5) / (width + 0.5), 1 / 0.3)
          assert.isAtMost((width - 0.5) / (height + 0.5), 1 / 0.3)
        }
        assert.isBelow(single.length, 16)
      }),
      { seed, numRuns: 1000 }
    )
  })

  it("cover every place, and nearly always in blocks", () => {
    const settings = blockSettings(blockWise({ ratio: 0.4 }), 196)
    const seen = new Float64Array(196)
    let single = 0
    const samples = 2000
    for (let i = 0; i < samples; i++) {
      const drawn = blocks(settings, derive(key(seed), "places", i))
      for (const patch of drawn.patches) seen[patch]!++
      single += drawn.single.length
    }
    assert.isAbove(Math.min(...seen) / samples, 0.02)
    assert.isBelow(single / samples, 8)
  })

  it("need a grid, and say what is missing", () => {
    assert.throws(
      () => blockSettings(blockWise(), 12),
      "blockWise: 12 patches are not a grid of as many rows as columns: give 'rows'"
    )
    assert.throws(() => blockSettings(blockWise({ rows: 5 }), 12), "blockWise: 12 patches are not a grid of 5 rows")
    assert.deepInclude(blockSettings(blockWise({ rows: 3 }), 12), { rows: 3, columns: 4, count: 5 })
  })
})
