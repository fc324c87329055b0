import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { parquetReadObjects } from "hyparquet"
import sharp from "sharp"
import { afterAll } from "vitest"
import { openShardSet } from "../../../lib/data/shards/open-shard-set.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { imageFolder } from "./images.ts"
import { digests, jsonLines, prepareTiny, samplesIn } from "./prepared.ts"
import { temporaryRoot } from "./root.ts"

const root = temporaryRoot("prepare")
afterAll(() => rmSync(root, { recursive: true, force: true }))
let made = 0
const place = () => join(root, `out-${made++}`)
const promised = <A>(make: () => Promise<A>) => Effect.promise(make)

interface Left {
  readonly id: string
  readonly index: number
  readonly status: string
  readonly reason: string
}
const quarantine = (folder: string) => jsonLines<Left>(join(folder, "quarantine.jsonl"))

layer(NodeServices.layer, { excludeTestServices: true })("prepare", (it) => {
  it.effect("writes what the contract of a shard set says", () =>
    Effect.gen(function* () {
      const data = yield* promised(() => imageFolder(join(root, "ten"), 10))
      const out = place()
      const { set } = yield* prepareTiny(data, out)
      assert.deepStrictEqual(set.shards.count, 3)
      const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"))
      assert.strictEqual(manifest.format, "semmim-shards")
      assert.strictEqual(manifest.sha256, sha256(readFileSync(join(out, "shards.jsonl"))))
      assert.deepStrictEqual(manifest.versions ?? [manifest.sharp, manifest.libvips], [sharp.versions.sharp, sharp.versions.vips])
      const lines = jsonLines<{ name: string; samples: number; sha256: string; first: number }>(join(out, "shards.jsonl"))
      assert.deepStrictEqual(
        lines.map(({ name, samples, first }) => [name, samples, first]),
        [
          ["shard-000000.tar", 4, 0],
          ["shard-000001.tar", 4, 4],
          ["shard-000002.tar", 2, 8]
        ]
      )
      for (const { name, sha256: digest } of lines) assert.strictEqual(sha256(readFileSync(join(out, name))), digest)
      const samples = yield* promised(() => samplesIn(out))
      assert.deepStrictEqual(
        samples.map(({ index }) => index),
        Array.from({ length: 10 }, (_, i) => i)
      )
      const third = samples[3]!
      assert.deepInclude(third, { id: "p0003.jpg", width: 32, height: 24, original_width: 40, original_height: 30 })
      assert.deepStrictEqual(third.captions, ["an image of the number 3"])
      assert.strictEqual(third.sha256, sha256(readFileSync(join(data, "p0003.jpg"))))
      const [tokens] = Object.values(third.tokens)
      assert.isAtLeast(tokens![0]!.length, 4)
      const info = yield* promised(() => sharp(third.image).metadata())
      assert.deepInclude(info, { format: "jpeg", width: 32, height: 24, chromaSubsampling: "4:2:0" })
    })
  )

  it.effect("is opened as a source with the same ids, groups and captions", () =>
    Effect.gen(function* () {
      const data = yield* promised(() => imageFolder(join(root, "nine"), 9))
      const out = place()
      yield* prepareTiny(data, out)
      const source = yield* openShardSet(out)
      assert.strictEqual(source.count, 9)
      const samples = yield* promised(() => samplesIn(out))
      for (const [i, expected] of samples.entries()) {
        const { id, group, captions, image } = yield* source.sample(i)
        assert.deepStrictEqual([id, group, captions], [expected.id, expected.group, expected.captions])
        assert.deepStrictEqual(Uint8Array.from(image), Uint8Array.from(expected.image))
      }
    })
  )

  it.effect(
    "writes the same bytes with one thread, two threads or none",
    () =>
      Effect.gen(function* () {
        const data = yield* promised(() => imageFolder(join(root, "threads"), 10))
        const [none, one, two] = [place(), place(), place()]
        const settings = { dedupe: "exact", splits: [{ name: "val", fraction: 0.3 }] } as const
        yield* prepareTiny(data, none, settings)
        yield* prepareTiny(data, one, settings, 1)
        yield* prepareTiny(data, two, settings, 2)
        assert.deepStrictEqual(digests(one), digests(none))
        assert.deepStrictEqual(digests(two), digests(none))
      }),
    180_000
  )

  it.effect("puts each sample in one shard or in quarantine with a reason when every fifth is corrupt", () =>
    Effect.gen(function* () {
      const data = yield* promised(() =>
        imageFolder(join(root, "corrupt"), 20, (number, bytes) => {
          if (number % 5 !== 2) return bytes
          return [new Uint8Array(), bytes.subarray(0, bytes.length >> 1), Buffer.from("<svg/>"), Buffer.alloc(99)][
            (number - 2) / 5
          ]!
        })
      )
      const out = place()
      const { set } = yield* prepareTiny(data, out)
      const left = quarantine(out)
      assert.deepStrictEqual(
        left.map(({ id, index, status, reason }) => [id, index, status, reason]),
        [
          ["p0002.jpg", 2, "failed", "empty"],
          ["p0007.jpg", 7, "failed", "truncated"],
          ["p0012.jpg", 12, "failed", "unsupported-format(markup)"],
          ["p0017.jpg", 17, "failed", "unsupported-format(unknown)"]
        ]
      )
      const samples = yield* promised(() => samplesIn(out))
      const all = [...samples.map(({ index }) => index), ...left.map(({ index }) => index)].sort((a, b) => a - b)
      assert.deepStrictEqual(
        all,
        Array.from({ length: 20 }, (_, i) => i)
      )
      assert.deepInclude(set.counts, { read: 20, samples: 16, quarantined: 4 })
      assert.notInclude(readFileSync(join(out, "quarantine.jsonl"), "utf8"), "an image of")
      const json = JSON.parse(readFileSync(join(out, "shard-000000.samples.json"), "utf8"))
      const bytes = readFileSync(join(out, "shard-000000.parquet"))
      const rows = yield* promised(() =>
        parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) })
      )
      assert.deepStrictEqual(rows, json)
      assert.deepStrictEqual(
        rows.map((row) => [row["key"], row["status"], row["error_message"], row["width"]]),
        [
          ["000000000", "success", null, 32],
          ["000000001", "success", null, 32],
          ["000000002", "failed", "empty", null],
          ["000000003", "success", null, 32]
        ]
      )
    })
  )

  it.effect("stores a middle square, or the bytes as they are", () =>
    Effect.gen(function* () {
      const data = yield* promised(() => imageFolder(join(root, "sizes"), 2))
      const [square, same] = [place(), place()]
      yield* prepareTiny(data, square, { resize: "center-crop" })
      yield* prepareTiny(data, same, { resize: "none" })
      const [cropped] = yield* promised(() => samplesIn(square))
      assert.deepInclude(cropped, { width: 24, height: 24 })
      const [kept] = yield* promised(() => samplesIn(same))
      assert.deepStrictEqual(Buffer.from(kept!.image), readFileSync(join(data, "p0000.jpg")))
    })
  )

  it.effect("stores much the same images with the fast transforms, of the same size and in the same bytes on any threads", () =>
    Effect.gen(function* () {
      const data = yield* promised(() => imageFolder(join(root, "fast"), 9, (_, bytes) => bytes, [80, 60]))
      const pixels = (bytes: Uint8Array) => promised(() => sharp(bytes).raw().toBuffer({ resolveWithObject: true }))
      for (const resize of ["keep-ratio", "center-crop"] as const) {
        const folders = [place(), place(), place()] as const
        yield* prepareTiny(data, folders[0], { resize, transform: "fast" })
        yield* prepareTiny(data, folders[1], { resize, transform: "fast" }, 2)
        yield* prepareTiny(data, folders[2], { resize, transform: "accurate" })
        assert.deepStrictEqual(digests(folders[1]), digests(folders[0]))
        assert.match(JSON.parse(readFileSync(join(folders[0], "manifest.json"), "utf8")).turbo, /^\d/)
        const [fast, exact] = [yield* openShardSet(folders[0]), yield* openShardSet(folders[2])]
        for (let i = 0; i < 9; i++) {
          const [one, other] = [yield* pixels((yield* fast.sample(i)).image), yield* pixels((yield* exact.sample(i)).image)]
          assert.deepStrictEqual([one.info.width, one.info.height], [other.info.width, other.info.height])
          const off = one.data.reduce((sum, value, at) => sum + Math.abs(value - other.data[at]!), 0) / one.data.length
          assert.isAtMost(off, 2, `image ${i}, ${resize}`)
        }
      }
    })
  )

  it.effect("leaves out by size, area, aspect and language, each with its reason", () =>
    Effect.gen(function* () {
      const folder = join(root, "filters")
      mkdirSync(folder)
      const sizes = [
        [40, 30],
        [20, 10],
        [200, 200],
        [200, 20],
        [50, 50]
      ] as const
      const captions = ["a dog is on the street", "a dog", "a dog", "a dog", "der Hund ist auf der Straße"]
      for (const [i, [width, height]] of sizes.entries()) {
        const bytes = yield* promised(() =>
          sharp({ create: { width, height, channels: 3, background: { r: 9, g: 50 * i, b: 99 } } })
            .png()
            .toBuffer()
        )
        writeFileSync(join(folder, `${i}.png`), bytes)
        writeFileSync(join(folder, `${i}.txt`), captions[i]!)
      }
      const out = place()
      const { set } = yield* prepareTiny(folder, out, {
        filters: { minSize: 12, maxArea: 20_000, maxAspect: 3, languages: ["en"] }
      })
      assert.deepStrictEqual(
        quarantine(out).map(({ status, reason }) => [status, reason]),
        [
          ["filtered", "min-size(20×10)"],
          ["filtered", "max-area(200×200)"],
          ["filtered", "max-aspect(200×20)"],
          ["filtered", "language"]
        ]
      )
      assert.deepInclude(set.counts, { samples: 1, filtered: 4, quarantined: 0 })
    })
  )

  it.effect("keeps the first of the same bytes, or of the same looks", () =>
    Effect.gen(function* () {
      const first = yield* promised(() => imageFolder(join(root, "originals"), 5, undefined, [160, 120]))
      const data = yield* promised(() =>
        imageFolder(
          join(root, "copies"),
          10,
          (number, bytes) => {
            if (number < 5) return bytes
            const original = readFileSync(join(first, `p000${number - 5}.jpg`))
            // The first two are copies of bytes; the others are scaled and compressed anew.
            return number < 7 ? original : sharp(original).resize(240, 180).jpeg({ quality: 60 }).toBuffer()
          },
          [160, 120]
        )
      )
      const [exact, perceptual] = [place(), place()]
      yield* prepareTiny(data, exact, { dedupe: "exact" })
      yield* prepareTiny(data, perceptual, { dedupe: "perceptual" })
      assert.deepStrictEqual(
        quarantine(exact).map(({ reason }) => reason),
        ["duplicate(of p0000.jpg)", "duplicate(of p0001.jpg)"]
      )
      assert.deepStrictEqual(
        quarantine(perceptual).map(({ index, reason }) => [index, reason]),
        [5, 6, 7, 8, 9].map((i) => [i, `duplicate(of p000${i - 5}.jpg)`])
      )
    })
  )

  it.effect("writes splits that share no image, look-alike or group", () =>
    Effect.gen(function* () {
      const folder = join(root, "splits")
      yield* promised(() =>
        imageFolder(folder, 40, async (number, bytes) =>
          number % 2 === 0
            ? bytes
            : sharp(readFileSync(join(folder, `p${String(number - 1).padStart(4, "0")}.jpg`)))
                .jpeg({ quality: 70 })
                .toBuffer()
        )
      )
      const list = Array.from({ length: 40 }, (_, i) => ({
        image: `p${String(i).padStart(4, "0")}.jpg`,
        caption: [`${i}`, "two"]
      }))
      const data = join(folder, "list.json")
      // The same image twice: one group.
      writeFileSync(data, JSON.stringify([...list, { image: "p0000.jpg", caption: "again" }]))
      const out = place()
      const { splits } = yield* prepareTiny(data, out, {
        splits: [
          { name: "val", fraction: 0.3 },
          { name: "test", fraction: 0.2 }
        ]
      })
      const ids = new Map<number, string>()
      for (const [split, at] of [
        ["rest", out],
        ["val", join(out, "val")],
        ["test", join(out, "test")]
      ] as const) {
        const samples = yield* promised(() => samplesIn(at))
        for (const { index } of samples) {
          assert.isFalse(ids.has(index))
          ids.set(index, split)
        }
      }
      const source = yield* openShardSet(join(out, "val"))
      assert.strictEqual(source.count, splits["val"]!.counts.samples)
      assert.strictEqual(new Set(ids.values()).size, 3)
      for (let i = 0; i < 40; i += 2) assert.strictEqual(ids.get(i), ids.get(i + 1), `look-alikes ${i} and ${i + 1}`)
      if (ids.has(40)) assert.strictEqual(ids.get(40), ids.get(0))
    })
  )
})
