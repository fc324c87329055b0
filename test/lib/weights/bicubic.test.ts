import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { bicubic } from "../../../lib/weights/bicubic.ts"
import { resizeImagePositions } from "../../../lib/weights/resize-positions.ts"
import { seed } from "../../seed.ts"

interface Case {
  readonly rows: number
  readonly columns: number
  readonly newRows: number
  readonly newColumns: number
  readonly width: number
  readonly data: readonly number[]
  readonly resized: readonly number[]
}

const cases: readonly Case[] = JSON.parse(readFileSync(join(import.meta.dirname, "../../golden/bicubic.json"), "utf8"))

describe("bicubic", () => {
  it("resizes as PyTorch does, larger and smaller, to within rounding", () => {
    assert.isAtLeast(cases.length, 5)
    for (const { rows, columns, newRows, newColumns, width, data, resized } of cases) {
      const found = bicubic({ rows, columns, width, data: Float32Array.from(data) }, newRows, newColumns)
      assert.strictEqual(found.length, resized.length)
      for (const [i, x] of found.entries()) assert.closeTo(x, resized[i]!, 2e-6)
    }
  })

  it("keeps a grid of the same size, and what is the same everywhere", () => {
    const size = fc.integer({ min: 1, max: 7 })
    const value = fc.float({ noNaN: true, min: -10, max: 10 })
    fc.assert(
      fc.property(size, size, size, value, (rows, columns, other, x) => {
        const data = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i))
        assert.deepStrictEqual(bicubic({ rows, columns, width: 1, data }, rows, columns), data)
        const flat = bicubic({ rows, columns, width: 1, data: new Float32Array(rows * columns).fill(x) }, other, other)
        assert.isTrue(flat.every((y) => Math.abs(y - x) < 1e-5))
      }),
      { seed, numRuns: 100 }
    )
  })
})

describe("position embeddings", () => {
  it("are resized with [CLS] kept, and only from square to square", () => {
    const data = Float32Array.from({ length: 17 * 2 }, (_, i) => Math.cos(i))
    const made = resizeImagePositions({ shape: [1, 17, 2], data }, 64)!
    assert.deepStrictEqual(made.shape, [1, 65, 2])
    assert.deepStrictEqual(made.data.slice(0, 2), data.slice(0, 2))
    assert.isUndefined(resizeImagePositions({ shape: [1, 17, 2], data }, 60))
    assert.strictEqual(resizeImagePositions({ shape: [1, 17, 2], data }, 16)!.data, data)
  })
})
