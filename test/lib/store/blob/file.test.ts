import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer } from "effect"
import { BlobStore } from "../../../../lib/store/blob/blob-store.ts"
import { fileBlobStore } from "../../../../lib/store/blob/file.ts"
import { sha256 } from "../../../../lib/store/digest.ts"
import { blobStoreLaws } from "../../../laws/blob-store.ts"
import { crashingDisk } from "../failing-disk.ts"

const root = mkdtempSync(join(tmpdir(), "semmim-blobs-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const storeIn = (folder: string) => Layer.provide(fileBlobStore(folder), NodeServices.layer)
const inStore = <A, E>(folder: string, use: (store: BlobStore["Service"]) => Effect.Effect<A, E>) =>
  Effect.provide(Effect.flatMap(BlobStore, use), storeIn(folder), { local: true })
const text = (words: string): Uint8Array => new TextEncoder().encode(words)

let made = 0
const folder = (): string => join(root, `store-${made++}`)

blobStoreLaws("file", storeIn(join(root, "laws")))

describe("a blob store in a folder", () => {
  it.effect("keeps contents where any tool can read them", () =>
    Effect.gen(function* () {
      const here = folder()
      yield* inStore(here, (store) => store.putIfAbsent("jobs/a/out.txt", text("hello")))
      assert.strictEqual(readFileSync(join(here, "jobs/a/out.txt"), "utf8"), "hello")
    })
  )

  it.effect("leaves a key absent or whole wherever a crash comes, and is then as usable as before", () =>
    Effect.gen(function* () {
      for (let last = 1, crashed = true; crashed; last++) {
        const here = folder()
        const disk = crashingDisk(last)
        const broken = fileBlobStore(here).pipe(Layer.provide(disk.layer), Layer.provide(NodeServices.layer))
        const put = (words: string) => (store: BlobStore["Service"]) => store.putIfAbsent("a/b", text(words))
        const exit = yield* Effect.exit(Effect.provide(Effect.flatMap(BlobStore, put("first")), broken, { local: true }))
        crashed = disk.crashed()
        assert.strictEqual(Exit.isSuccess(exit), !crashed, `change ${last}`)
        const again = yield* inStore(here, put("second"))
        const { content } = yield* inStore(here, (store) => store.get("a/b"))
        const whole = new TextDecoder().decode(content)
        assert.strictEqual(whole, again === "created" ? "second" : "first", `change ${last}`)
        if (!crashed) assert.isAtLeast(last, 6)
      }
    })
  )

  it.effect("lists a thousand keys a page", () =>
    Effect.gen(function* () {
      const here = folder()
      yield* inStore(here, (store) => store.putIfAbsent("many/00000", text("1")))
      const target = readlinkSync(join(here, "many/00000"))
      for (let i = 1; i < 1003; i++) symlinkSync(target, join(here, "many", String(i).padStart(5, "0")))
      const { blobs, next } = yield* inStore(here, (store) => store.list("many/"))
      assert.deepEqual([blobs.length, next], [1000, "many/00999"])
      const rest = yield* inStore(here, (store) => store.list("many/", { after: "many/00999" }))
      assert.deepEqual([rest.blobs.length, rest.next], [3, undefined])
    })
  )

  it.effect("leaves nothing of a put that lost, nor of a deleted key", () =>
    Effect.gen(function* () {
      const here = folder()
      const puts = Effect.forEach(["1", "2", "3"], (words) => inStore(here, (store) => store.putIfAbsent("a", text(words))), {
        concurrency: 3
      })
      assert.deepEqual((yield* puts).sort(), ["already", "already", "created"])
      assert.lengthOf(readdirSync(join(here, ".objects")), 1)
      yield* inStore(here, (store) => store.delete("a"))
      assert.deepEqual(readdirSync(join(here, ".objects")), [])
    })
  )

  it.effect("tells a content that changed on disk, and one that is gone", () =>
    Effect.gen(function* () {
      const here = folder()
      yield* inStore(here, (store) => store.putIfAbsent("a", text("good")))
      const [object] = readdirSync(join(here, ".objects"))
      writeFileSync(join(here, ".objects", object!), "evil")
      const changed = yield* Effect.flip(inStore(here, (store) => store.get("a")))
      assert.strictEqual(changed.message, `${here}: a: SHA-256 is ${sha256("evil")}, expected ${sha256("good")}`)
      rmSync(join(here, ".objects", object!))
      const gone = yield* Effect.flip(inStore(here, (store) => store.get("a")))
      assert.include(gone.message, "its object is gone")
    })
  )

  it.effect("refuses a link out of its folder, a key that is a folder and a folder that is a key", () =>
    Effect.gen(function* () {
      const here = folder()
      yield* inStore(here, (store) => store.putIfAbsent("a/b", text("1")))
      writeFileSync(join(root, "secret"), "secret")
      symlinkSync(join(root, "secret"), join(here, "planted"))
      for (const key of ["planted", "a", "a/b/c"]) {
        const read = yield* Effect.flip(inStore(here, (store) => store.get(key)))
        const put = yield* Effect.flip(inStore(here, (store) => store.putIfAbsent(key, text("2"))))
        assert.deepEqual([read._tag, put._tag], ["BlobRefused", "BlobRefused"], key)
      }
    })
  )

  it.effect("says in words that its folder cannot be made", () =>
    Effect.gen(function* () {
      writeFileSync(join(root, "file"), "")
      const error = yield* Effect.flip(inStore(join(root, "file", "store"), () => Effect.void))
      assert.strictEqual(error._tag, "BlobRefused")
      assert.match(error.message, /: (ENOTDIR|EEXIST)/)
    })
  )
})
