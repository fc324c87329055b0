import { hash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import type { Sharp } from "sharp"
import { imageLoaders } from "../../../lib/data/image-loaders.ts"
import { SampleError } from "../../../lib/pipeline/errors.ts"
import { decodeDefaults, decodeImage } from "../../../stages/patchify/decode.ts"
import { seed } from "../../seed.ts"
import { noise } from "./noise.ts"

const settings = { ...decodeDefaults, shorter: 512 }
const decode = (bytes: Uint8Array, changed: Partial<typeof settings> = {}) => decodeImage("s", bytes, { ...settings, ...changed })
const reason = (bytes: Uint8Array, changed: Partial<typeof settings> = {}) =>
  Effect.map(Effect.flip(decode(bytes, changed)), (error) => {
    assert.strictEqual(error.id, "s")
    return error.reason
  })

const { width, height, data } = noise(40, 30)
const load = imageLoaders()
const of = (pixels = data, size = { width, height }) => load(pixels, { raw: { ...size, channels: 3 } })
const plain = (channels: 3 | 4, background: string | { r: number; g: number; b: number; alpha: number }) =>
  load({ create: { width: 8, height: 6, channels, background } })
const made = (image: Sharp) => Effect.promise(() => image.toBuffer())

describe("decodeImage", () => {
  it.effect("gives the pixels of a PNG as they are: golden", () =>
    Effect.gen(function* () {
      const image = yield* decode(yield* made(of().png()))
      assert.deepStrictEqual({ width: image.width, height: image.height }, { width, height })
      assert.strictEqual(hash("sha256", image.data).slice(0, 16), hash("sha256", data).slice(0, 16))
    })
  )

  it.effect("decodes JPEG and WebP close to what they were made of", () =>
    Effect.gen(function* () {
      for (const file of [plain(3, "#c81e5a").jpeg(), plain(3, "#c81e5a").webp()]) {
        const image = yield* decode(yield* made(file))
        assert.strictEqual(image.data.length, 8 * 6 * 3)
        for (const [i, value] of image.data.entries()) assert.closeTo(value, [0xc8, 0x1e, 0x5a][i % 3]!, 6)
      }
    })
  )

  it.effect("gives the same pixels of a JPEG whose header says enough as of one that libvips has to look into", () =>
    Effect.gen(function* () {
      const jpeg = yield* made(of().jpeg())
      const empty = Buffer.from([0xff, 0xe1, 0, 4, 0, 0])
      const other = Buffer.concat([jpeg.subarray(0, 2), empty, jpeg.subarray(2)])
      const transform = "accurate"
      for (const shorter of [512, 20])
        assert.deepStrictEqual(yield* decode(jpeg, { shorter, transform }), yield* decode(other, { shorter, transform }))
    })
  )

  it.effect("decodes a plain JPEG faster where it may, close to the same, and refuses the same damage", () =>
    Effect.gen(function* () {
      const jpeg = yield* made(of().jpeg({ quality: 95 }))
      const [exact, fast] = [yield* decode(jpeg, { transform: "accurate" }), yield* decode(jpeg, { transform: "fast" })]
      assert.deepStrictEqual([fast.width, fast.height, fast.data.length], [width, height, exact.data.length])
      const off = exact.data.map((value, i) => Math.abs(value - fast.data[i]!))
      assert.isAtMost(Math.max(...off), 12)
      assert.isAtMost(off.reduce((sum, each) => sum + each, 0) / off.length, 2)
      const cut = jpeg.subarray(0, Math.floor(jpeg.length * 0.6))
      assert.strictEqual(yield* reason(cut, { transform: "fast" }), "truncated")
      // One that ends early, and says so, is read by the tolerant decoder, as by Pillow: what is missing is grey.
      const ended = Buffer.concat([cut, Buffer.from([0xff, 0xd9])])
      assert.deepStrictEqual(yield* decode(ended, { transform: "fast" }), yield* decode(ended, { transform: "accurate" }))
      // What the header does not settle goes the other way.
      const progressive = yield* made(of().jpeg({ progressive: true }))
      assert.deepStrictEqual((yield* decode(progressive)).data, (yield* decode(progressive, { transform: "accurate" })).data)
    })
  )

  it.effect("makes the shorter side what is wanted, and enlarges nothing", () =>
    Effect.gen(function* () {
      const png = yield* made(of().png())
      const small = yield* decode(png, { shorter: 15 })
      assert.deepStrictEqual([small.width, small.height], [20, 15])
      const kept = yield* decode(png, { shorter: 31 })
      assert.deepStrictEqual([kept.width, kept.height], [40, 30])
    })
  )

  it.effect("turns an image as its EXIF orientation says", () =>
    Effect.gen(function* () {
      const halves = Uint8Array.from({ length: 16 * 8 * 3 }, (_, i) => (Math.floor(i / 3) % 16 < 8 ? 250 : 5))
      const jpeg = yield* made(of(halves, { width: 16, height: 8 }).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }))
      const image = yield* decode(jpeg)
      // Turned clockwise by a quarter: what was left is now above.
      assert.deepStrictEqual([image.width, image.height], [8, 16])
      assert.isAbove(image.data[0]!, 230)
      assert.isBelow(image.data.at(-1)!, 25)
    })
  )

  it.effect("shows transparency on white", () =>
    Effect.gen(function* () {
      for (const alpha of [0, 0.5]) {
        const image = yield* decode(yield* made(plain(4, { r: 0, g: 0, b: 0, alpha }).png()))
        assert.strictEqual(image.data.length, 8 * 6 * 3)
        for (const value of image.data) assert.closeTo(value, 255 * (1 - alpha), 1)
      }
    })
  )

  it.effect("makes three channels of greys, CMYK, palettes and 16 bits", () =>
    Effect.gen(function* () {
      const files = {
        grey: plain(3, "#808080").greyscale().png(),
        "grey and alpha": plain(4, { r: 128, g: 128, b: 128, alpha: 1 }).greyscale().png(),
        palette: plain(3, "#808080").png({ palette: true }),
        "16 bits": plain(3, "#808080").toColourspace("rgb16").png(),
        CMYK: plain(3, "#808080").toColourspace("cmyk").jpeg()
      }
      for (const [name, file] of Object.entries(files)) {
        const image = yield* decode(yield* made(file))
        assert.strictEqual(image.data.length, 8 * 6 * 3, name)
        for (const value of image.data) assert.closeTo(value, 128, name === "CMYK" ? 24 : 1, name)
      }
    })
  )

  it.effect("converts other colour spaces to sRGB", () =>
    Effect.gen(function* () {
      const wide = yield* decode(yield* made(plain(3, "#30a060").withIccProfile("p3").png()))
      for (const [i, value] of wide.data.entries()) assert.closeTo(value, [0x30, 0xa0, 0x60][i % 3]!, 3)
    })
  )

  it.effect("refuses formats that it does not know, by name", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* reason(new Uint8Array(0)), "empty")
      assert.strictEqual(yield* reason(new TextEncoder().encode("hello")), "unsupported-format(unknown)")
      const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>'
      assert.strictEqual(yield* reason(new TextEncoder().encode(svg)), "unsupported-format(markup)")
      assert.strictEqual(yield* reason(yield* made(of().gif())), "unsupported-format(gif)")
      assert.strictEqual(yield* reason(yield* made(of().tiff())), "unsupported-format(tiff)")
      assert.match(yield* reason(new TextEncoder().encode(`RIFF1234WEBP${svg}`)), /^(truncated|corrupt\()/)
    })
  )

  it.effect("keeps libvips from loading what its first bytes do not show", () =>
    Effect.gen(function* () {
      const gif = yield* made(of().gif())
      const refused = yield* Effect.flip(Effect.tryPromise(() => load(gif).toBuffer()))
      assert.match(String(refused.cause), /unsupported image format/)
    })
  )

  it.effect("says that a file was cut short, wherever it was", () =>
    Effect.gen(function* () {
      for (const file of [of().jpeg(), of().png(), of().webp()]) {
        const bytes = yield* made(file)
        for (const part of [0.3, 0.6, 0.98]) {
          assert.strictEqual(yield* reason(bytes.subarray(0, Math.floor(bytes.length * part))), "truncated")
        }
      }
    })
  )

  it.effect("refuses more bytes, pixels or frames than allowed", () =>
    Effect.gen(function* () {
      const png = yield* made(of().png())
      assert.strictEqual(yield* reason(png, { maxBytes: 100 }), `too-large(${png.length} bytes)`)
      assert.strictEqual(yield* reason(png, { maxPixels: 1000 }), "too-many-pixels(40×30)")
      const bomb = yield* made(load({ create: { width: 9000, height: 9000, channels: 3, background: "#fff" } }).png())
      assert.strictEqual(yield* reason(bomb), "too-many-pixels(9000×9000)")
      const frames = [yield* made(of().png()), yield* made(of().negate().png())]
      const moving = yield* made(load(frames, { join: { animated: true } }).webp({ lossless: true }))
      assert.strictEqual(yield* reason(moving), "animated(2 frames)")
      const first = yield* decode(moving, { animated: "first-frame" })
      assert.deepStrictEqual(first.data, new Uint8Array(data))
    })
  )

  it("fails only with a SampleError, whatever the bytes are", async () => {
    const files = await Promise.all([of().jpeg().toBuffer(), of().png().toBuffer(), of().webp().toBuffer()])
    const damage = fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
      maxLength: 12
    })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), damage, async (file, changes) => {
        const bytes = Uint8Array.from(file)
        for (const [place, value] of changes) bytes[Math.floor(place * bytes.length)] = value
        const result = await Effect.runPromise(Effect.result(decode(bytes)))
        if (result._tag === "Failure") assert.instanceOf(result.failure, SampleError)
        else assert.strictEqual(result.success.data.length, result.success.width * result.success.height * 3)
      }),
      { seed, numRuns: 150 }
    )
  })
})
