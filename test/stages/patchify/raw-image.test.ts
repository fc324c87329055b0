import { assert, describe, it } from "@effect/vitest"
import { decodeRawImage, encodeRawImage } from "../../../stages/patchify/raw-image.ts"
import { noise } from "./noise.ts"

describe("raw images as bytes", () => {
  it("come back as they went, from the middle of a larger buffer too", () => {
    const image = noise(5, 3)
    const bytes = encodeRawImage(image)
    const within = new Uint8Array(bytes.length + 3)
    within.set(bytes, 3)
    assert.deepStrictEqual(decodeRawImage(bytes), image)
    assert.deepStrictEqual(decodeRawImage(within.subarray(3)), image)
  })

  it("are refused when cut, too long or empty", () => {
    const bytes = encodeRawImage(noise(5, 3))
    assert.throws(() => decodeRawImage(bytes.subarray(0, 20)), "raw image: 20 bytes are not 5 × 3 pixels")
    assert.throws(() => decodeRawImage(new Uint8Array([...bytes, 0])), "not 5 × 3 pixels")
    assert.throws(() => decodeRawImage(new Uint8Array(7)), "raw image: 7 bytes are no header")
    assert.throws(() => decodeRawImage(new Uint8Array(8)), "not 0 × 0 pixels")
  })
})
