import { mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import sharp from "sharp"
import { afterAll } from "vitest"
import { pictureFolder } from "./pictures.ts"
import { digests, prepareTiny } from "./prepared.ts"
import { temporaryRoot } from "./root.ts"

const root = temporaryRoot("prepare-again")
afterAll(() => rmSync(root, { recursive: true, force: true }))
let made = 0
const place = () => join(root, `out-${made++}`)
const promised = <A>(make: () => Promise<A>) => Effect.promise(make)

layer(NodeServices.layer, { excludeTestServices: true })("prepare into a folder that was begun", (it) => {
  it.effect("goes on where it stopped: keeps finished shards that are right, and writes the others anew", () =>
    Effect.gen(function* () {
      const data = yield* promised(() => pictureFolder(join(root, "again"), 12))
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

  it.effect("refuses a folder that was begun with other settings, data or versions, or that has something else in it", () =>
    Effect.gen(function* () {
      const data = yield* promised(() => pictureFolder(join(root, "refused"), 3))
      const out = place()
      yield* prepareTiny(data, out)
      const message = (effect: ReturnType<typeof prepareTiny>) => Effect.map(Effect.flip(effect), (error) => error.message)
      assert.strictEqual(
        yield* message(prepareTiny(data, out, { size: 20 })),
        `${out}: its shards were begun with size 24, but here it is 20: choose another --out`
      )
      const beginning = join(out, "prepare.json")
      writeFileSync(beginning, readFileSync(beginning, "utf8").replace(/"libvips": "[^"]+"/, '"libvips": "1.2.3"'))
      assert.strictEqual(
        yield* message(prepareTiny(data, out)),
        `${out}: its shards were begun with libvips 1.2.3, but here it is ${sharp.versions.vips}: choose another --out`
      )
      const other = place()
      mkdirSync(other)
      writeFileSync(join(other, "thesis.txt"), "mine")
      assert.include(yield* message(prepareTiny(data, other)), "'thesis.txt' is in it")
      assert.deepStrictEqual(readdirSync(other), ["thesis.txt"])
    })
  )
})
