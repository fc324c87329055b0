import { assert, describe, it } from "@effect/vitest"
import { decodeRawPicture, encodeRawPicture } from "../../../stages/patchify/raw-picture.ts"
import { noise } from "./noise.ts"

describe("raw pictures as bytes", () => {
  it("come back as they went, from the middle of a larger buffer too", () => {
    const picture = noise(5, 3)
    const bytes = encodeRawPicture(picture)
    const within = new Uint8Array(bytes.length + 3)
    within.set(bytes, 3)
    assert.deepStrictEqual(decodeRawPicture(bytes), picture)
    assert.deepStrictEqual(decodeRawPicture(within.subarray(3)), picture)
  })

  it("are refused when cut, too long or empty", () => {
    const bytes = encodeRawPicture(noise(5, 3))
    assert.throws(() => decodeRawPicture(bytes.subarray(0, 20)), "raw picture: 20 bytes are not 5 × 3 pixels")
    assert.throws(() => decodeRawPicture(new Uint8Array([...bytes, 0])), "not 5 × 3 pixels")
    assert.throws(() => decodeRawPicture(new Uint8Array(7)), "raw picture: 7 bytes are no header")
    assert.throws(() => decodeRawPicture(new Uint8Array(8)), "not 0 × 0 pixels")
  })
})
