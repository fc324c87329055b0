import { assert, describe, it } from "@effect/vitest"
import sharp from "sharp"
import { jpegHeader } from "../../../lib/data/jpeg-header.ts"

const blank = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 10, g: 200, b: 30 } } })

describe("the header of a JPEG", () => {
  it("says the size of baseline, progressive and grey images", async () => {
    assert.deepStrictEqual(jpegHeader(await blank(70, 33).jpeg().toBuffer()), { width: 70, height: 33 })
    assert.deepStrictEqual(jpegHeader(await blank(9, 300).jpeg({ progressive: true }).toBuffer()), { width: 9, height: 300 })
    assert.deepStrictEqual(jpegHeader(await blank(5, 5).greyscale().jpeg().toBuffer()), { width: 5, height: 5 })
  })

  it("leaves to a decoder what has EXIF, is cut, damaged or of no size", async () => {
    assert.isUndefined(jpegHeader(await blank(8, 8).jpeg().withMetadata({ orientation: 6 }).toBuffer()))
    const bytes = await blank(8, 8).jpeg().toBuffer()
    const scan = bytes.indexOf(Buffer.from([0xff, 0xda]))
    for (let end = 0; end < scan; end++) assert.isUndefined(jpegHeader(bytes.subarray(0, end)))
    const none = Buffer.from(bytes)
    none.fill(0, bytes.indexOf(Buffer.from([0xff, 0xc0])) + 5, bytes.indexOf(Buffer.from([0xff, 0xc0])) + 9)
    assert.isUndefined(jpegHeader(none))
  })
})
