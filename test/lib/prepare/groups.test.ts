import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { afterAll } from "vitest"
import { openSource } from "../../../lib/data/open-source.ts"
import { openShardSet } from "../../../lib/data/shards/open-shard-set.ts"
import { inspectSource } from "../../../lib/inspect/inspect-source.ts"
import { distinctImage, imageFolder } from "./images.ts"
import { digests, prepareTiny } from "./prepared.ts"
import { temporaryRoot } from "./root.ts"

const root = temporaryRoot("groups")
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** The groups of a set's samples by id, as training and evaluation have them. */
const groupsIn = Effect.fnUntraced(function* (folder: string) {
  const source = yield* openShardSet(folder)
  return yield* Effect.forEach(
    Array.from({ length: source.count }, (_, index) => index),
    Effect.fnUntraced(function* (index) {
      const { id, group } = yield* source.sample(index)
      assert.strictEqual(group, source.group(index))
      return [id, group] as const
    })
  )
})
const numbered = (groups: readonly number[]) => groups.map((group, i) => [`p${String(i).padStart(4, "0")}.jpg`, group] as const)

layer(NodeServices.layer, { excludeTestServices: true })("the groups of prepared samples", (it) => {
  it.effect("are one for images of the same bytes in any shards, the same file for any number of workers", () =>
    Effect.gen(function* () {
      // Images 0, 5 and 9 are one, and 3 and 7: in three shards of four.
      const same = new Map([
        [5, 0],
        [9, 0],
        [7, 3]
      ])
      const data = yield* Effect.promise(() =>
        imageFolder(join(root, "ten"), 10, async (number, bytes) =>
          same.has(number) ? await distinctImage(same.get(number)!) : bytes
        )
      )
      const [none, two] = [join(root, "none"), join(root, "two")]
      const { set } = yield* prepareTiny(data, none)
      assert.deepStrictEqual(yield* groupsIn(none), numbered([0, 1, 2, 3, 4, 0, 6, 3, 8, 0]))
      assert.strictEqual(set.groups?.name, "groups.bin")
      yield* prepareTiny(data, two, {}, 2)
      assert.deepStrictEqual(digests(two), digests(none))
      // As a run that was killed before its end goes on.
      for (const name of ["manifest.json", "groups.bin", "shard-000001.stats.json"]) rmSync(join(two, name))
      yield* prepareTiny(data, two)
      assert.deepStrictEqual(digests(two), digests(none))
      const silent = { write: () => {}, columns: () => undefined }
      const { faults } = yield* inspectSource(yield* openSource(none), {
        limit: 10,
        samples: false,
        lint: true,
        progress: silent
      })
      assert.deepStrictEqual(faults, [])
    })
  )

  it.effect("are the source's own, without a file, where no image is there twice or each is told to be an image of its own", () =>
    Effect.gen(function* () {
      const plain = yield* Effect.promise(() => imageFolder(join(root, "plain"), 5))
      yield* prepareTiny(plain, join(root, "plain-shards"))
      assert.isFalse(existsSync(join(root, "plain-shards", "groups.bin")))
      assert.notProperty(JSON.parse(readFileSync(join(root, "plain-shards", "manifest.json"), "utf8")), "groups")
      const copies = yield* Effect.promise(() => imageFolder(join(root, "copies"), 5, () => distinctImage(1)))
      const apart = join(root, "apart")
      yield* prepareTiny(`${copies}?group=sample`, apart)
      assert.deepStrictEqual(yield* groupsIn(apart), numbered([0, 1, 2, 3, 4]))
      assert.isFalse(existsSync(join(apart, "groups.bin")))
    })
  )

  it.effect("are written anew with the shards: an image that is no copy any more is a group of its own", () =>
    Effect.gen(function* () {
      const data = yield* Effect.promise(() =>
        imageFolder(join(root, "changing"), 5, (number, bytes) => (number === 4 ? distinctImage(0) : bytes))
      )
      const out = join(root, "changing-shards")
      yield* prepareTiny(data, out)
      assert.deepStrictEqual(yield* groupsIn(out), numbered([0, 1, 2, 3, 0]))
      writeFileSync(join(data, "p0004.jpg"), yield* Effect.promise(() => distinctImage(4)))
      yield* prepareTiny(data, out, {}, 0, true)
      assert.deepStrictEqual(yield* groupsIn(out), numbered([0, 1, 2, 3, 4]))
      assert.isFalse(existsSync(join(out, "groups.bin")))
    })
  )

  it.effect("are refused where their file is another than the manifest says", () =>
    Effect.gen(function* () {
      const data = yield* Effect.promise(() => imageFolder(join(root, "broken"), 3, () => distinctImage(7)))
      const out = join(root, "broken-shards")
      yield* prepareTiny(data, out)
      writeFileSync(join(out, "groups.bin"), Buffer.alloc(12, 1))
      assert.match((yield* Effect.flip(openShardSet(out))).message, /groups\.bin: sha256 .*, where the manifest says /)
      rmSync(join(out, "groups.bin"))
      assert.match((yield* Effect.flip(openShardSet(out))).message, /groups\.bin: no such file$/)
    })
  )
})
