import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Logger } from "effect"
import { cachesIn, noCache } from "../../../../lib/data/host/prepared-cache.ts"
import { sha256 } from "../../../../lib/store/digest.ts"
import { crashingDisk } from "../../store/failing-disk.ts"

const key = sha256("key")
const bytes = Uint8Array.of(1, 2, 3)

layer(NodeServices.layer)("cachesIn", (it) => {
  it.effect("keeps what was put under its name, for the next process too", () =>
    Effect.gen(function* () {
      const open = cachesIn(join(yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped(), "cache"))
      yield* Effect.scoped(Effect.flatMap(open("a"), (cache) => cache.set(key, bytes)))
      const [same, other] = [yield* open("a"), yield* open("b")]
      assert.deepStrictEqual(yield* same.get(key), bytes)
      assert.deepStrictEqual([same.has(key), other.has(key)], [true, false])
      assert.isUndefined(yield* other.get(key))
    })
  )

  it.effect("keeps nothing without a folder", () =>
    Effect.gen(function* () {
      yield* noCache.set(key, bytes)
      assert.isUndefined(yield* noCache.get(key))
      assert.isFalse(noCache.has(key))
    })
  )

  it.effect("goes on without keeping anything when the disk refuses, and says so once", () =>
    Effect.gen(function* () {
      const folder = join(yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped(), "cache")
      const warnings: unknown[] = []
      const logger = Logger.make(({ message }) => void warnings.push(message))
      yield* Effect.gen(function* () {
        const cache = yield* cachesIn(folder)("a")
        for (const name of ["one", "two"]) yield* cache.set(sha256(name), bytes)
        assert.isUndefined(yield* cache.get(sha256("one")))
      }).pipe(Effect.provide(crashingDisk(3).layer), Effect.provide(Logger.layer([logger])))
      assert.lengthOf(warnings, 1)
      assert.match(String(warnings[0]), /^cache not used: .*the machine stopped/)
    })
  )
})
