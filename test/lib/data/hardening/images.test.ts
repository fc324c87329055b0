import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import fc from "fast-check"
import { guardImage, imageLimits } from "../../../../lib/data/image-guard.ts"
import { imageLoaders } from "../../../../lib/data/image-loaders.ts"
import { thumbnail } from "../../../../lib/html/thumbnail.ts"
import { SampleError } from "../../../../lib/pipeline/errors.ts"
import { decodeDefaults, decodeImage } from "../../../../stages/patchify/decode.ts"
import { seed } from "../../../seed.ts"
import { animated, image as square } from "../../cli/odd-images.ts"
import { bombs, boundaries, polyglots, slope, wholeImages } from "./images.ts"
import { greyPng, pngChunk, pngHeader, pngSignature } from "./png.ts"

const settings = { ...decodeDefaults, shorter: 64, maxPixels: 4_000_000 }
const decode = (bytes: Uint8Array, changed: Partial<typeof settings> = {}) => decodeImage("s", bytes, { ...settings, ...changed })
const sharp = imageLoaders()

/** Decodes anything: pixels of the right number, or the reason of a `SampleError`; everything else is a fault of the decoder. */
const outcome = (bytes: Uint8Array, changed: Partial<typeof settings> = {}) =>
  Effect.map(Effect.result(decode(bytes, changed)), (result) => {
    if (Result.isSuccess(result)) {
      assert.strictEqual(result.success.data.length, result.success.width * result.success.height * 3)
      return "decoded"
    }
    assert.instanceOf(result.failure, SampleError)
    assert.notInclude(result.failure.reason, "\n")
    return result.failure.reason
  })

describe("an image that was cut short", () => {
  it.effect("is never taken for a whole one, wherever it was cut", () =>
    Effect.gen(function* () {
      for (const [kind, bytes] of Object.entries(yield* wholeImages)) {
        const whole = yield* decode(bytes)
        for (const place of boundaries(kind, bytes)) {
          const cut = bytes.subarray(0, place)
          const reason = yield* outcome(cut)
          // Where only the mark of the end is missing, all pixels are there.
          if (reason === "decoded") assert.deepStrictEqual((yield* decode(cut)).data, whole.data, `${kind} at ${place}`)
          else assert.match(reason, /^(empty|truncated|corrupt\(|unsupported-format\()/, `${kind} at ${place}`)
        }
      }
    })
  )

  it("fails with a reason at any place, and so do damaged and repeated parts", async () => {
    const files = Object.values(await Effect.runPromise(wholeImages))
    const damage = fc.record({
      file: fc.constantFrom(...files),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.double({ min: 0, max: 0.3, noNaN: true }),
      how: fc.constantFrom("cut", "drop", "repeat", "zero", "flip")
    })
    await fc.assert(
      fc.asyncProperty(damage, async ({ file, from, length, how }) => {
        const start = Math.floor(from * file.length)
        const end = Math.min(file.length, start + Math.ceil(length * file.length))
        const [head, part, tail] = [file.subarray(0, start), Buffer.from(file.subarray(start, end)), file.subarray(end)]
        const changed = {
          cut: [head],
          drop: [head, tail],
          repeat: [head, part, part, tail],
          zero: [head, Buffer.alloc(part.length), tail],
          flip: [head, part.map((byte) => byte ^ 255), tail]
        }[how]
        await Effect.runPromise(outcome(Buffer.concat(changed)))
      }),
      { seed, numRuns: 150 }
    )
  })
})

describe("an image that unpacks to far more than it is", () => {
  it.effect("is refused by what its header says, or decoded without unpacking the rest", () =>
    Effect.gen(function* () {
      for (const [name, [bytes, expected]] of Object.entries(yield* bombs)) {
        const before = process.memoryUsage.rss()
        const reason = yield* outcome(bytes)
        if (expected) assert.match(reason, expected, name)
        assert.isBelow(process.memoryUsage.rss() - before, 300 * 2 ** 20, name)
      }
    })
  )
})

describe("a file that is several things at once", () => {
  it.effect("is decoded as what its first bytes say or refused, and never as another", () =>
    Effect.gen(function* () {
      const reasons = new Map<string, string>()
      for (const [name, bytes] of Object.entries(yield* polyglots)) reasons.set(name, yield* outcome(bytes))
      for (const [name, reason] of reasons)
        if (/^a (drawing|GIF|TIFF)/.test(name)) assert.match(reason, /^(unsupported-format|truncated|corrupt)/, name)
      for (const name of ["a JPEG with a ZIP behind it", "a JPEG with a page in a comment"])
        assert.strictEqual(reasons.get(name), "decoded")
    })
  )
})

describe("images of no size, or many frames", () => {
  it.effect("are refused", () =>
    Effect.gen(function* () {
      const end = [pngChunk("IDAT", Buffer.alloc(0)), pngChunk("IEND", Buffer.alloc(0))]
      for (const [width, height] of [
        [0, 0],
        [0, 8],
        [8, 0]
      ] as const)
        assert.match(yield* outcome(Buffer.concat([pngSignature, pngHeader(width, height), ...end])), /^(corrupt|truncated)/)
      assert.strictEqual(yield* outcome(Buffer.alloc(0)), "empty")
      assert.strictEqual(yield* outcome(yield* animated), "animated(2 frames)")
    })
  )

  it.effect("are decoded to their first frame where a setting says so, GIF and AVIF too", () =>
    Effect.gen(function* () {
      const frames = [yield* square(250), yield* square(5)]
      const gif = yield* Effect.promise(() =>
        sharp(frames, { join: { animated: true } })
          .gif()
          .toBuffer()
      )
      assert.strictEqual(yield* outcome(gif), "unsupported-format(gif)")
      const avif = yield* Effect.promise(() => slope().avif({ effort: 0 }).toBuffer())
      assert.strictEqual(yield* outcome(avif), "unsupported-format(avif)")
      const all = { formats: ["jpeg", "png", "webp", "avif", "gif"], animated: "first-frame" } as const
      assert.strictEqual(yield* outcome(yield* animated, all), "decoded")
      assert.strictEqual(yield* outcome(avif, all), "decoded")
      const first = yield* decode(gif, { ...all, animated: "refuse" })
      assert.deepStrictEqual([first.width, first.height], [40, 40])
      assert.isAbove(first.data[0]!, 200)
    })
  )
})

describe("images of unusual colours and turns", () => {
  it.effect("become upright sRGB of 8 bits, whatever they were", () =>
    Effect.gen(function* () {
      const grey = () => sharp({ create: { width: 8, height: 6, channels: 3, background: "#808080" } })
      const made = {
        "16 bits": grey().toColourspace("rgb16").png(),
        "16 bits of grey": grey().toColourspace("grey16").png(),
        CMYK: grey().toColourspace("cmyk").jpeg(),
        "a wide profile": grey().withIccProfile("p3").png(),
        "a CMYK profile": grey().withIccProfile("cmyk").jpeg()
      }
      for (const [name, file] of Object.entries(made)) {
        const decoded = yield* decode(yield* Effect.promise(() => file.toBuffer()))
        assert.deepStrictEqual([decoded.width, decoded.height], [8, 6], name)
        for (const value of decoded.data) assert.closeTo(value, 128, /CMYK/.test(name) ? 24 : 2, name)
      }
      const nonsense = greyPng(4, 4, new Uint8Array(20), pngChunk("iCCP", Buffer.from("a\0\0nonsense")))
      assert.match(yield* outcome(nonsense), /^(decoded|corrupt)/)
    })
  )

  it.effect("are turned by each of the eight orientations, and by none that is unknown", () =>
    Effect.gen(function* () {
      // Left half light, lower half of it dark: no two orientations look the same.
      const data = Uint8Array.from({ length: 16 * 8 * 3 }, (_, i) => {
        const [x, y] = [Math.floor(i / 3) % 16, Math.floor(i / 48)]
        return x >= 8 ? 0 : y < 4 ? 250 : 120
      })
      const corners = new Set<string>()
      for (let orientation = 1; orientation <= 8; orientation++) {
        const jpeg = yield* Effect.promise(() =>
          sharp(data, { raw: { width: 16, height: 8, channels: 3 } })
            .withMetadata({ orientation })
            .jpeg({ quality: 100 })
            .toBuffer()
        )
        const { width, height, turned } = yield* guardImage("s", jpeg)
        const decoded = yield* decode(jpeg)
        assert.deepStrictEqual([decoded.width, decoded.height], orientation > 4 ? [8, 16] : [16, 8])
        assert.deepStrictEqual([width, height, turned], [decoded.width, decoded.height, orientation > 1])
        const at = (x: number, y: number) => Math.round(decoded.data[(y * decoded.width + x) * 3]! / 125)
        const [right, low] = [decoded.width - 2, decoded.height - 2]
        corners.add([at(1, 1), at(right, 1), at(1, low), at(right, low)].join())
      }
      assert.strictEqual(corners.size, 8)
    })
  )

  it.effect("are shown without where and by whom they were taken", () =>
    Effect.gen(function* () {
      const jpeg = yield* Effect.promise(() =>
        slope()
          .withExif({ IFD0: { Artist: "Secret Person" }, IFD3: { GPSLatitudeRef: "N", GPSLatitude: "48/1 51/1 30/1" } })
          .jpeg()
          .toBuffer()
      )
      assert.include(jpeg.toString("latin1"), "Secret Person")
      const uri = yield* thumbnail(jpeg, false)
      const png = Buffer.from(uri!.split(",")[1]!, "base64")
      assert.notInclude(png.toString("latin1"), "Secret Person")
      const { exif, icc, xmp, iptc } = yield* Effect.promise(() => sharp(png).metadata())
      assert.deepStrictEqual([exif, icc, xmp, iptc], [undefined, undefined, undefined, undefined])
    })
  )
})

describe("limits", () => {
  it.effect("of bytes, pixels and formats are those that are given", () =>
    Effect.gen(function* () {
      const png = yield* square(3)
      const guard = (changed: Partial<typeof imageLimits>) =>
        Effect.map(Effect.flip(guardImage("s", png, { ...imageLimits, ...changed })), ({ reason }) => reason)
      assert.strictEqual(yield* guard({ maxBytes: 10 }), `too-large(${png.length} bytes)`)
      assert.strictEqual(yield* guard({ maxPixels: 1599 }), "too-many-pixels(40×40)")
      assert.strictEqual(yield* guard({ formats: ["jpeg"] }), "unsupported-format(png)")
      assert.deepInclude(yield* guardImage("s", png), { format: "png", width: 40, height: 40, frames: 1, turned: false })
    })
  )
})
