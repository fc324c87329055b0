import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { key } from "../../../lib/random/key.ts"
import { uniform } from "../../../lib/random/uniform.ts"
import {
  bytePatches,
  cutPatches,
  halves,
  imagePatches,
  normalisedPatches,
  uncutPatches
} from "../../../stages/patchify/patches.ts"
import { seed } from "../../seed.ts"
import { noise } from "./noise.ts"

const sizes = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
  .map(([patch, across]) => ({ patch, size: patch * across }))

describe("patches", () => {
  it("are in (row, column, channel) order, patch by patch", () => {
    const image = Float32Array.from({ length: 4 * 4 * 3 }, (_, i) => i)
    const patches = cutPatches(image, 4, 2)
    assert.deepStrictEqual([...patches.subarray(0, 12)], [0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17])
    assert.deepStrictEqual([...patches.subarray(12, 24)], [6, 7, 8, 9, 10, 11, 18, 19, 20, 21, 22, 23])
    assert.strictEqual(patches[24], 24)
  })

  it("are put together to the image they were cut from", () => {
    fc.assert(
      fc.property(sizes, ({ size, patch }) => {
        const image = uniform(key(size), size * size * 3)
        assert.deepStrictEqual(uncutPatches(cutPatches(image, size, patch), size, patch), image)
        assert.deepStrictEqual(cutPatches(uncutPatches(image, size, patch), size, patch), image)
      }),
      { seed, numRuns: 50 }
    )
  })

  it("refuse a size that the patch does not divide", () => {
    assert.throws(() => cutPatches(new Float32Array(75), 5, 2), "patches: 2 does not divide 5")
  })

  it("are normalised as float32 of (value / 255 − mean) / deviation, and shown again as they were", () => {
    fc.assert(
      fc.property(sizes, ({ size, patch }) => {
        const { data } = noise(size, size)
        const normalisation = { mean: [0.48, 0.45, 0.4], deviation: [0.27, 0.26, 0.28] } as const
        const expected = Float32Array.from(
          data,
          (value, i) => (value / 255 - normalisation.mean[i % 3]!) / normalisation.deviation[i % 3]!
        )
        const patches = normalisedPatches(data, size, patch, normalisation)
        assert.deepStrictEqual(patches, cutPatches(expected, size, patch))
        assert.deepStrictEqual(imagePatches(patches, size, patch, normalisation), data)
      }),
      { seed, numRuns: 50 }
    )
  })

  it("are the image's bytes as they are, wherever it lies in memory", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 5 }), ({ size, patch }, offset) => {
        const { data } = noise(size, size)
        const moved = new Uint8Array(offset + data.length).subarray(offset)
        moved.set(data)
        assert.deepStrictEqual([...bytePatches(moved, size, patch)], [...cutPatches(Float32Array.from(data), size, patch)])
      }),
      { seed, numRuns: 100 }
    )
    assert.throws(() => bytePatches(new Uint8Array(75), 5, 2), "patches: 2 does not divide 5")
  })

  it("reach from −1 to 1 by default", () => {
    assert.deepStrictEqual([...normalisedPatches(Uint8Array.of(0, 255, 51), 1, 1, halves)], [-1, 1, Math.fround(-0.6)])
  })
})
