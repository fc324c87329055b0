import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import { guardImage } from "../../../lib/data/image-guard.ts"
import { imageLoaders } from "../../../lib/data/image-loaders.ts"
import { stripMetadata } from "../../../lib/data/strip-metadata.ts"
import { seed } from "../../seed.ts"
import { slope, wholeImages } from "./hardening/images.ts"

const sharp = imageLoaders()
const secret = "Secret Person"
const told = (orientation: number) =>
  slope()
    .withMetadata({ orientation })
    .withExif({ IFD0: { Artist: secret }, IFD3: { GPSLatitudeRef: "N", GPSLatitude: "48/1 51/1 30/1" } })
    .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>${secret}</a></x:xmpmeta>`)
    .withIccProfile("p3")
const pixels = (bytes: Buffer) => Effect.promise(() => sharp(bytes).autoOrient().raw().toBuffer({ resolveWithObject: true }))

describe("stripMetadata", () => {
  it.effect("takes out who and where, and leaves pixels, turns and colours", () =>
    Effect.gen(function* () {
      for (const format of ["jpeg", "png", "webp"] as const)
        for (const orientation of [1, 6]) {
          const name = `${format}, orientation ${orientation}`
          const whole = yield* Effect.promise(() => told(orientation).toFormat(format).toBuffer())
          assert.include(whole.toString("latin1"), secret, name)
          const guarded = yield* guardImage("s", whole)
          assert.strictEqual(guarded.orientation, orientation, name)
          const stripped = stripMetadata(guarded.bytes, format, guarded.orientation)!
          assert.notInclude(stripped.toString("latin1"), secret, name)
          const { exif, xmp, icc, iptc, orientation: left = 1 } = yield* Effect.promise(() => sharp(stripped).metadata())
          assert.deepStrictEqual([xmp, iptc, left, icc !== undefined], [undefined, undefined, orientation, true], name)
          assert.isAtMost(exif?.length ?? 0, 32, name)
          const [before, after] = [yield* pixels(whole), yield* pixels(stripped)]
          assert.deepStrictEqual([after.info.width, after.info.height], [before.info.width, before.info.height], name)
          assert.isTrue(after.data.equals(before.data), name)
        }
    })
  )

  it.effect("leaves an image without metadata as it is, and cuts what hangs behind its end", () =>
    Effect.gen(function* () {
      for (const [kind, bytes] of Object.entries(yield* wholeImages)) {
        const { format } = yield* guardImage("s", bytes)
        assert.isTrue(stripMetadata(bytes, format, 1)!.equals(bytes), kind)
        const more = Buffer.concat([bytes, Buffer.from(`PK ${secret}`)])
        assert.isTrue(stripMetadata(more, format, 1)!.equals(bytes), kind)
      }
    })
  )

  it("answers for any damage: an image of no more bytes, or undefined", async () => {
    const files = Object.entries(await Effect.runPromise(wholeImages))
    const damage = fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
      maxLength: 8
    })
    fc.assert(
      fc.property(fc.constantFrom(...files), damage, fc.double({ min: 0, max: 1, noNaN: true }), ([kind, file], changes, cut) => {
        const bytes = Buffer.from(file.subarray(0, Math.ceil(cut * file.length)))
        for (const [place, value] of changes) if (bytes.length > 0) bytes[Math.floor(place * bytes.length)] = value
        if (bytes.length < 12) return
        const format = kind.includes("jpeg") ? "jpeg" : kind.includes("png") ? "png" : "webp"
        const stripped = stripMetadata(bytes, format, 1)
        if (stripped) assert.isAtMost(stripped.length, bytes.length)
      }),
      { seed, numRuns: 300 }
    )
  })
})
