import { assert, describe, it } from "@effect/vitest"
import sharp from "sharp"
import { plainJpeg } from "../../../lib/data/plain-jpeg.ts"

const pixels = Uint8Array.from({ length: 21 * 13 * 3 }, (_, i) => (i * 37) & 255)
const image = () => sharp(pixels, { raw: { width: 21, height: 13, channels: 3 } })

describe("plainJpeg", () => {
  it("reads the size of a JPEG without metadata, baseline or progressive", async () => {
    for (const progressive of [false, true])
      assert.deepStrictEqual(plainJpeg(await image().jpeg({ progressive }).toBuffer()), { width: 21, height: 13, progressive })
  })

  it("leaves images that are turned, profiled, grey, CMYK or no JPEG to others", async () => {
    const others = [
      image().jpeg().withMetadata({ orientation: 6 }),
      image().jpeg().withIccProfile("p3"),
      image().toColourspace("b-w").jpeg(),
      image().toColourspace("cmyk").jpeg(),
      image().png(),
      image().webp()
    ]
    for (const [n, other] of others.entries()) assert.isUndefined(plainJpeg(await other.toBuffer()), `image ${n}`)
  })

  it("reads no header that is cut", async () => {
    const whole = await image().jpeg().toBuffer()
    const scan = whole.indexOf(Buffer.from([0xff, 0xda]))
    for (let length = 0; length < scan; length++) assert.isUndefined(plainJpeg(whole.subarray(0, length)))
  })
})
