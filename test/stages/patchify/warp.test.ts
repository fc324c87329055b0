import { assert, describe, it } from "@effect/vitest"
import { compose, identity, rotate, shearX, translate } from "../../../stages/patchify/affine.ts"
import { type Colour, warp } from "../../../stages/patchify/warp.ts"
import { noise } from "./noise.ts"

const size = 9
const { data } = noise(size, size)
const fill: Colour = [10, 20, 30]
const pixel = (image: Uint8Array, x: number, y: number) => [...image.subarray((y * size + x) * 3, (y * size + x) * 3 + 3)]

describe("warp", () => {
  it("leaves the image as it is under the identity, and does not write to it", () => {
    const before = data.slice()
    assert.deepStrictEqual(warp(data, size, identity, fill), data)
    warp(data, size, rotate(30, size), fill)
    assert.deepStrictEqual(data, before)
  })

  it("moves by whole pixels exactly, and fills what is left", () => {
    const moved = warp(data, size, translate(2, -1), fill)
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const expected = x < 2 || y === size - 1 ? [...fill] : pixel(data, x - 2, y + 1)
        assert.deepStrictEqual(pixel(moved, x, y), expected, `${x},${y}`)
      }
    }
  })

  it("mixes neighbours between pixels, and the fill at the edge", () => {
    const moved = warp(data, size, translate(0.5, 0), fill)
    const half = (a: number, b: number) => Math.floor((a + b) / 2 + 0.5)
    assert.deepStrictEqual(
      pixel(moved, 4, 4),
      pixel(data, 3, 4).map((value, i) => half(value, pixel(data, 4, 4)[i]!))
    )
    assert.deepStrictEqual(
      pixel(moved, 0, 4),
      pixel(data, 0, 4).map((value, i) => half(value, fill[i]!))
    )
  })

  it("brings a plain image back to itself inside and the fill outside", () => {
    const plain = new Uint8Array(size * size * 3).fill(77)
    const moved = warp(plain, size, compose(rotate(30, size), shearX(0.2)), [77, 77, 77])
    assert.isTrue(moved.every((value) => value === 77))
  })

  it("shows only the fill when all has moved away", () => {
    const away = warp(data, size, translate(50, 0), fill)
    assert.isTrue(away.every((value, i) => value === fill[i % 3]))
  })
})
