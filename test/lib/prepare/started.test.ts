import { mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import sharp from "sharp"
import { afterAll } from "vitest"
import { imageFolder } from "./images.ts"
import { digests, prepareTiny, prepareToy } from "./prepared.ts"
import { temporaryRoot } from "./root.ts"

const root = temporaryRoot("prepare-again")
afterAll(() => rmSync(root, { recursive: true, force: true }))
let made = 0
const place = () => join(root, `out-${made++}`)
const promised = <A>(make: () => Promise<A>) => Effect.promise(make)

layer(NodeServices.layer, { excludeTestServices: true })("prepare into a folder that was started", (it) => {
  it.effect("goes on where it stopped: keeps finished shards that are right, and writes the others anew", () =>
    Effect.gen(function* () {
      const data = yield* promised(() => imageFolder(join(root, "again"), 12))
      const out = place()
      yield* prepareTiny(data, out)
      const before = digests(out)
      unlinkSync(join(out, "manifest.json"))
      writeFileSync(join(out, "shard-000001.tar"), "damaged")
      unlinkSync(join(out, "shard-000002.stats.json"))
      writeFileSync(join(out, ".shard-000002.tar.0123456789ab.tmp"), "half")
      const { kept } = yield* prepareTiny(data, out)
      assert.strictEqual(kept, 1)
      assert.deepStrictEqual(digests(out), before)
      assert.strictEqual((yield* prepareTiny(data, out)).kept, 3)
    })
  )

  it.effect("refuses a folder that was started with other settings, data or versions, or that has something else in it", () =>
    Effect.gen(function* () {
      const data = yield* promised(() => imageFolder(join(root, "refused"), 3))
      const out = place()
      yield* prepareTiny(data, out)
      const message = (effect: ReturnType<typeof prepareTiny>) => Effect.map(Effect.flip(effect), (error) => error.message)
      assert.strictEqual(
        yield* message(prepareTiny(data, out, { size: 20 })),
        `${out}: its shards were started with size 24, but here it is 20: choose another --out`
      )
      const beginning = join(out, "prepare.json")
      writeFileSync(beginning, readFileSync(beginning, "utf8").replace(/"libvips": "[^"]+"/, '"libvips": "1.2.3"'))
      assert.strictEqual(
        yield* message(prepareTiny(data, out)),
        `${out}: its shards were started with libvips 1.2.3, but here it is ${sharp.versions.vips}: choose another --out`
      )
      const other = place()
      mkdirSync(other)
      writeFileSync(join(other, "thesis.txt"), "mine")
      assert.include(yield* message(prepareTiny(data, other)), "'thesis.txt' is in it")
      assert.deepStrictEqual(readdirSync(other), ["thesis.txt"])
    })
  )

  it.effect(
    "brings the shards of a source that has grown, changed or shrunk up to date, and keeps those whose samples are the same",
    () =>
      Effect.gen(function* () {
        const data = join(root, "grown")
        const out = place()
        const fresh = Effect.fnUntraced(function* () {
          const other = place()
          yield* prepareToy(data, other)
          return digests(other)
        })
        yield* promised(() => imageFolder(data, 10))
        yield* prepareToy(data, out)
        yield* promised(() => imageFolder(data, 14))
        const refused = yield* Effect.flip(prepareToy(data, out))
        assert.match(
          refused.message,
          /started with source .* but here it is .*: --update brings them up to date, or choose another --out$/
        )
        assert.isTrue(readdirSync(out).includes("manifest.json"))
        assert.strictEqual((yield* prepareToy(data, out, {}, 0, true)).kept, 2)
        assert.deepStrictEqual(digests(out), yield* fresh())

        writeFileSync(join(data, "p0005.txt"), "another caption\n")
        writeFileSync(join(data, "p0009.jpg"), readFileSync(join(data, "p0001.jpg")))
        assert.strictEqual((yield* prepareToy(data, out, {}, 0, true)).kept, 2)
        assert.deepStrictEqual(digests(out), yield* fresh())

        writeFileSync(join(data, "p0002.jpg"), "no image any more")
        for (let number = 6; number < 14; number++) unlinkSync(join(data, `p${String(number).padStart(4, "0")}.jpg`))
        const { kept, set } = yield* prepareToy(data, out, {}, 0, true)
        assert.deepStrictEqual([kept, set.shards.count, set.counts.quarantined], [0, 2, 1])
        assert.deepStrictEqual(digests(out), yield* fresh())
        assert.strictEqual((yield* prepareToy(data, out, {}, 0, true)).kept, 2)
      })
  )

  it.effect("brings splits and duplicates up to date, and what a vocabulary learnt from all captions makes of them", () =>
    Effect.gen(function* () {
      const data = join(root, "grown-splits")
      const settings = { dedupe: "exact", splits: [{ name: "val", fraction: 0.3 }] } as const
      const [out, other] = [place(), place()]
      const copies = (number: number, bytes: Buffer) => (number % 5 === 4 ? readFileSync(join(data, "p0001.jpg")) : bytes)
      yield* promised(() => imageFolder(data, 9, copies))
      yield* prepareTiny(data, out, settings)
      yield* promised(() => imageFolder(data, 15, copies))
      yield* prepareTiny(data, out, settings, 2, true)
      yield* prepareTiny(data, other, settings)
      assert.deepStrictEqual(digests(out), digests(other))
    })
  )

  it.effect("is no shard set while it is brought up to date, and goes on after a stop without being told again", () =>
    Effect.gen(function* () {
      const data = join(root, "grown-stopped")
      const [out, other] = [place(), place()]
      yield* promised(() => imageFolder(data, 8))
      yield* prepareToy(data, out)
      yield* promised(() => imageFolder(data, 12))
      // The third shard cannot be written: a folder lies where its statistics go.
      mkdirSync(join(out, "shard-000002.stats.json", "in the way"), { recursive: true })
      yield* Effect.flip(prepareToy(data, out, {}, 0, true))
      assert.isFalse(readdirSync(out).includes("manifest.json"))
      rmSync(join(out, "shard-000002.stats.json"), { recursive: true })
      assert.strictEqual((yield* prepareToy(data, out)).kept, 2)
      yield* prepareToy(data, other)
      assert.deepStrictEqual(digests(out), digests(other))
    })
  )
})
