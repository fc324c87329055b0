import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import type { Source } from "../../../../lib/data/source.ts"
import { type ReadList, ReadLists } from "../../../../lib/data/sources/read-lists.ts"

const list = JSON.stringify([
  { image: "a.jpg", caption: "one" },
  { image: "b.jpg", caption: ["two", "drei"] },
  { image: "a.jpg", caption: "another" }
])
const urls = "url\ttitle\nhttp://127.0.0.1:9/c.jpg\ta third\n"
const table = "filepath\ttitle\nc.jpg\ta third\n"

const said = (source: Source) =>
  Effect.map(
    Effect.forEach(
      Array.from({ length: source.count }, (_, i) => i),
      (i) => Effect.map(source.texts(i, "captions"), (captions) => [source.id(i), source.group(i), captions])
    ),
    (samples) => ({ digest: source.digest, samples })
  )

describe("a list that was read", () => {
  it.effect("is opened in another thread without its file, from the same memory, as the same source", () =>
    Effect.gen(function* () {
      const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
      const [first, second, third] = [join(folder, "list.json"), join(folder, "table.tsv"), join(folder, "urls.tsv")]
      yield* Effect.promise(() => writeFile(third, urls))
      yield* Effect.promise(() => writeFile(first, list))
      yield* Effect.promise(() => writeFile(second, table))
      yield* Effect.promise(() => writeFile(join(folder, "a.jpg"), ""))
      for (const name of [first, third, `${first}*0.5+${second}*0.5`]) {
        const source = yield* openSource(name)
        const lists = structuredClone(source.lists!) as ReadonlyMap<string, ReadList> // as a thread is given it
        for (const [name, { listing }] of lists) {
          const { bytes } = listing.images
          assert.instanceOf(bytes.buffer, SharedArrayBuffer)
          bytes[0]! += 1
          assert.strictEqual((source.lists!.get(name) as ReadList).listing.images.bytes[0], bytes[0])
          bytes[0]! -= 1
        }
        const files = [first, second, third].map((file) => [file, `${file}.away`] as const)
        for (const [from, to] of files) yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.rename(from, to))
        assert.strictEqual((yield* Effect.flip(openSource(name)))._tag, "DataError")
        const again = yield* Effect.provideService(openSource(name), ReadLists, lists)
        assert.deepStrictEqual(yield* said(again), yield* said(source))
        for (const [from, to] of files) yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.rename(to, from))
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
