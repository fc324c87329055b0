import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import type { Sharp } from "sharp"
import { inspectionText } from "../../../lib/cli/inspection-text.ts"
import { imageLoaders } from "../../../lib/data/image-loaders.ts"
import { inspectSource } from "../../../lib/inspect/inspect-source.ts"
import { decodeDefaults, decodeImage } from "../../../stages/patchify/decode.ts"
import { seed } from "../../seed.ts"
import { memorySource } from "../inspect/memory-source.ts"
import { bytesAsTheyAre, verdicts } from "./decoders.ts"
import { slope, wholeImages } from "./hardening/images.ts"
import { pngChunk } from "./hardening/png.ts"

const folder = join(import.meta.dirname, "../../golden/jpegs")
const bytesOf = (name: string): Buffer => readFileSync(join(folder, name))
const names = readdirSync(folder).flatMap((name) => (name.endsWith(".jpg") ? [name.slice(0, -4)] : []))
const jpegs = new Map(names.map((name) => [name, bytesOf(`${name}.jpg`)]))
/** Those that a strict decoder warns about, or does not know. */
const odd = ["sampling-410", "sampling-chroma-larger", "sampling-mixed", "scan-parameters", "bytes-between-segments"]

const golden = (name: string) => {
  const known = readdirSync(folder).includes(`${name}.png`)
  return imageLoaders()(bytesOf(known ? `${name}.png` : "baseline.png"))
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true })
}

const made = (image: Sharp) => Effect.promise(() => image.toBuffer())

const others = Effect.gen(function* () {
  return {
    "a tall one": yield* made(slope(24, 160).jpeg()),
    "a tall progressive one": yield* made(slope(24, 160).jpeg({ progressive: true }))
  }
})

const pngsAndWebps = Effect.gen(function* () {
  const alpha = slope(24, 60).ensureAlpha(0.5)
  const wide = slope(24, 60).toColourspace("rgb16")
  return {
    "a PNG": yield* made(slope(24, 60).png()),
    "interlaced PNG of 16 bits": yield* made(wide.png({ progressive: true })),
    "PNG with a palette and alpha": yield* made(alpha.clone().png({ palette: true })),
    "WebP with alpha": yield* made(alpha.clone().webp()),
    "lossless WebP": yield* made(slope(24, 60).webp({ lossless: true }))
  }
})

const theSame = (said: Record<string, string>): string => {
  const { report, ...all } = said
  const kinds = [...new Set(Object.values(all))]
  assert.strictEqual(kinds.length, 1, JSON.stringify(said))
  assert.strictEqual(report ?? "refused", kinds[0] === "decoded" ? "decoded" : "refused", JSON.stringify(said))
  return kinds[0]!
}

describe("a JPEG", () => {
  it.effect("has the pixels that Pillow reads in it, within 6 of 255, whatever its sampling and its strict faults", () =>
    Effect.gen(function* () {
      for (const [name, jpeg] of jpegs) {
        if (name === "cmyk") continue // converted by its inks here, by a formula there
        const { data, info } = yield* Effect.promise(() => golden(name))
        for (const transform of ["fast", "accurate"] as const) {
          const read = yield* decodeImage("s", jpeg, { ...decodeDefaults, shorter: 512, transform })
          assert.deepStrictEqual([read.width, read.height], [info.width, info.height], name)
          const off = data.reduce((most, value, i) => Math.max(most, Math.abs(value - read.data[i]!)), 0)
          assert.isAtMost(off, 6, `${name}, ${transform}`)
        }
      }
    })
  )

  it.effect("is read by all decoders, or by none", () =>
    Effect.gen(function* () {
      for (const [name, jpeg] of [...jpegs, ...Object.entries(yield* others)])
        assert.strictEqual(theSame(yield* verdicts(jpeg)), "decoded", name)
    })
  )

  it.effect("that is damaged is read where Pillow reads it, and refused where Pillow refuses it, by all decoders alike", () =>
    Effect.gen(function* () {
      const damage: ReadonlyArray<readonly [name: string, how: string, at: number, value: number, pillow: boolean]> = JSON.parse(
        readFileSync(join(folder, "damage.json"), "utf8")
      )
      for (const [name, how, at, value, pillow] of damage) {
        const jpeg = jpegs.get(name)!
        const end = how === "set" ? at + 1 : Math.min(jpeg.length, at + value)
        const change = { set: Buffer.of(value), zero: Buffer.alloc(end - at), drop: Buffer.alloc(0) }[how]!
        const damaged = Buffer.concat([jpeg.subarray(0, at), change, jpeg.subarray(end)])
        const said = theSame(yield* verdicts(damaged))
        assert.strictEqual(said === "decoded", pillow, `${name} ${how} ${at} ${value}: ${said}`)
      }
    })
  )

  it("that is cut anywhere before its end is refused by all decoders", { timeout: 60_000 }, async () => {
    const files = [...jpegs, ...Object.entries(await Effect.runPromise(others))]
    const places = fc.tuple(fc.constantFrom(...files), fc.double({ min: 0, max: 1, noNaN: true }))
    const refused = async (name: string, jpeg: Buffer, length: number) => {
      const said = theSame(await Effect.runPromise(verdicts(Buffer.from(jpeg.subarray(0, length)))))
      assert.include(["truncated", "empty", "unsupported-format"], said, `${name}: ${length} of ${jpeg.length} bytes`)
    }
    const endOf = (jpeg: Buffer): number => jpeg.lastIndexOf(Buffer.of(0xff, 0xd9)) + 2
    for (const [name, jpeg] of files) for (const missing of [1, 2, 3]) await refused(name, jpeg, endOf(jpeg) - missing)
    await fc.assert(
      fc.asyncProperty(places, ([[name, jpeg], part]) => refused(name, jpeg, Math.floor(part * (endOf(jpeg) - 1)))),
      { seed, numRuns: 60 }
    )
  })

  it.effect("that is cut says so although the thumbnail in its EXIF has an end", () =>
    Effect.gen(function* () {
      const thumbnail = bytesOf("grey.jpg")
      const jpeg = bytesOf("baseline.jpg")
      const head = Buffer.from([0xff, 0xe1, (thumbnail.length + 8) >> 8, (thumbnail.length + 8) & 255])
      const segment = Buffer.concat([head, Buffer.from("Exif\0\0", "latin1"), thumbnail])
      const whole = Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)])
      assert.strictEqual(theSame(yield* verdicts(whole)), "decoded")
      assert.strictEqual(theSame(yield* verdicts(whole.subarray(0, whole.length - 200))), "truncated")
    })
  )

  it.effect("is kept with `resize: none` as its bytes are, or read and stored anew where they do not fit together", () =>
    Effect.gen(function* () {
      for (const name of odd) assert.containsAllKeys(yield* bytesAsTheyAre(bytesOf(`${name}.jpg`)), ["width", "height"], name)
      const { reason } = yield* Effect.flip(bytesAsTheyAre(bytesOf("baseline.jpg").subarray(0, 800)))
      assert.strictEqual(reason, "truncated")
    })
  )
})

describe("PNG and WebP", () => {
  it("that are cut or damaged are refused by all decoders, or by none", { timeout: 60_000 }, async () => {
    const files = Object.entries(await Effect.runPromise(Effect.all([wholeImages, pngsAndWebps]))).flatMap(([, each]) =>
      Object.entries(each)
    )
    const damage = fc.record({
      file: fc.constantFrom(...files.filter(([name]) => !name.includes("jpeg"))),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 1, max: 20 }),
      how: fc.constantFrom("cut", "zero", "drop")
    })
    await fc.assert(
      fc.asyncProperty(damage, async ({ file: [name, bytes], from, length, how }) => {
        const start = Math.floor(from * (bytes.length - 1))
        const end = Math.min(bytes.length, start + length)
        const tail = how === "cut" ? [] : [how === "zero" ? Buffer.alloc(end - start) : Buffer.alloc(0), bytes.subarray(end)]
        const said = theSame(await Effect.runPromise(verdicts(Buffer.concat([bytes.subarray(0, start), ...tail]))))
        // Of a PNG only the end mark may be missing.
        if (how === "cut" && start < bytes.length - 12) assert.notStrictEqual(said, "decoded", `${name} at ${start}`)
      }),
      { seed, numRuns: 60 }
    )
  })

  it.effect("are read with ancillary chunks that make no sense", () =>
    Effect.gen(function* () {
      const png = yield* made(slope(24, 60).png())
      const odd = [
        pngChunk("iCCP", Buffer.from("x\0\0garbage")),
        pngChunk("gAMA", Buffer.alloc(1)),
        pngChunk("pHYs", Buffer.alloc(3)),
        pngChunk("zTXt", Buffer.from("k\0\0no zlib")),
        pngChunk("eXIf", Buffer.from("garbage")),
        Buffer.concat([pngChunk("tEXt", Buffer.from("a\0b")).subarray(0, -4), Buffer.alloc(4)])
      ]
      for (const chunk of odd) {
        const changed = Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)])
        assert.strictEqual(theSame(yield* verdicts(changed)), "decoded", String(chunk.subarray(4, 8)))
      }
    })
  )
})

describe("inspect --lint", () => {
  it.effect("finds no fault in what a tolerant decoder reads, and names what a strict one warns about", () =>
    Effect.gen(function* () {
      const source = memorySource(odd.map((name) => [name, bytesOf(`${name}.jpg`), ["a caption"]]))
      const progress = { write: () => {}, columns: () => undefined }
      const found = yield* inspectSource(source, { limit: 9, samples: false, lint: true, progress })
      assert.deepStrictEqual(found.faults, [])
      const tolerated = ["scan-parameters", "bytes-between-segments"]
      assert.deepStrictEqual(found.images.tolerated, { count: 2, examples: tolerated })
      assert.include(inspectionText(found), "2 images read although a strict decoder warns, such as scan-parameters")
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
