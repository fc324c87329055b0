import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { type Interpolation, resample } from "../../../../lib/data/resample/resample.ts"
import { seed } from "../../../seed.ts"
import { noise } from "../../../stages/patchify/noise.ts"

interface Golden {
  readonly source: { readonly width: number; readonly height: number; readonly data: string }
  readonly resampled: ReadonlyArray<{
    readonly box: readonly [number, number, number, number]
    readonly size: number
    readonly interpolation: Interpolation
    readonly data: string
  }>
}
const golden: Golden = JSON.parse(readFileSync(new URL("../../../golden/images.json", import.meta.url), "utf8"))
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"))

const square = (size: number) => ({ width: size, height: size })

const places = fc.record({
  interpolation: fc.constantFrom<Interpolation>("bicubic", "bilinear"),
  box: fc.tuple(fc.integer({ min: 1, max: 19 }), fc.integer({ min: 1, max: 13 })).chain(([width, height]) =>
    fc.record({
      x: fc.integer({ min: 0, max: 19 - width }),
      y: fc.integer({ min: 0, max: 13 - height }),
      width: fc.constant(width),
      height: fc.constant(height)
    })
  ),
  size: fc.integer({ min: 1, max: 24 })
})

describe("resample", () => {
  it("gives what Pillow gives, within 1 of 255 since it does not round between its passes", () => {
    const source = { ...golden.source, data: bytes(golden.source.data) }
    for (const { box, size, interpolation, data } of golden.resampled) {
      const [x, y, width, height] = box
      const made = resample(source, { x, y, width, height }, square(size), { interpolation })
      const expected = bytes(data)
      const worst = made.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0)
      assert.isAtMost(worst, 1, `${interpolation} ${box} → ${size}`)
    }
  })

  it("leaves an image of the wanted size as it is", () => {
    const image = noise(9, 9)
    for (const interpolation of ["bicubic", "bilinear"] as const)
      assert.deepStrictEqual(resample(image, { x: 0, y: 0, width: 9, height: 9 }, square(9), { interpolation }), image.data)
  })

  it("scales one side whatever the other becomes", () => {
    const image = noise(19, 13)
    const box = { x: 2, y: 1, width: 15, height: 11 }
    const columns = image.data.map((_, i) => image.data[i - (Math.floor(i / 3) % 19) * 3]!)
    for (const [width, height] of [
      [7, 23],
      [30, 4]
    ] as const) {
      const made = resample({ ...image, data: columns }, box, { width, height })
      const expected = resample({ ...image, data: columns }, box, square(height))
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          assert.deepStrictEqual(
            made.slice((y * width + x) * 3, (y * width + x) * 3 + 3),
            expected.slice(y * height * 3, y * height * 3 + 3)
          )
    }
  })

  it("keeps a plain colour plain", () => {
    const data = new Uint8Array(19 * 13 * 3).fill(201)
    fc.assert(
      fc.property(places, ({ box, size, interpolation }) => {
        assert.isTrue(
          resample({ width: 19, height: 13, data }, box, square(size), { interpolation }).every((value) => value === 201)
        )
      }),
      { seed, numRuns: 100 }
    )
  })

  it("mirrors what it gives when flipped", () => {
    const image = noise(19, 13)
    fc.assert(
      fc.property(places, ({ box, size, interpolation }) => {
        const straight = resample(image, box, square(size), { interpolation })
        const flipped = resample(image, box, square(size), { interpolation, flipped: true })
        const mirrored = straight.map((_, i) => {
          const [y, x, channel] = [Math.floor(i / (size * 3)), Math.floor(i / 3) % size, i % 3]
          return straight[(y * size + size - 1 - x) * 3 + channel]!
        })
        assert.deepStrictEqual(flipped, mirrored)
      }),
      { seed, numRuns: 100 }
    )
  })

  it("looks at no pixel outside the box", () => {
    const image = noise(19, 13)
    fc.assert(
      fc.property(places, ({ box, size, interpolation }) => {
        const outside = image.data.map((value, i) => {
          const [y, x] = [Math.floor(i / (19 * 3)), Math.floor(i / 3) % 19]
          return x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height ? value : 255 - value
        })
        const options = { interpolation }
        assert.deepStrictEqual(
          resample({ ...image, data: outside }, box, square(size), options),
          resample(image, box, square(size), options)
        )
      }),
      { seed, numRuns: 100 }
    )
  })
})
