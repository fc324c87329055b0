import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { digest, sha256, sha256File } from "../../../lib/store/digest.ts"

const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

layer(NodeServices.layer)("digests", (it) => {
  it.effect("are SHA-256: the published test vectors", () =>
    Effect.sync(() => {
      assert.strictEqual(sha256("abc"), abc)
      assert.strictEqual(sha256(new Uint8Array(0)), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    })
  )

  it.effect("of values are those of their canonical JSON", () =>
    Effect.sync(() => {
      assert.strictEqual(digest({ b: 1, a: 2 }), sha256('{"a":2,"b":1}'))
      assert.notStrictEqual(digest({ a: 1 }), digest({ a: "1" }))
    })
  )

  it.effect("of files are those of their bytes, over several chunks and for an empty file", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const bytes = new Uint8Array(9 * 2 ** 20 + 5).map((_, i) => i * 31)
      writeFileSync(join(folder, "large"), bytes)
      writeFileSync(join(folder, "empty"), "")
      assert.deepStrictEqual(yield* sha256File(join(folder, "large")), { sha256: sha256(bytes), bytes: bytes.length })
      assert.deepStrictEqual(yield* sha256File(join(folder, "empty")), { sha256: sha256(""), bytes: 0 })
      const error = yield* Effect.flip(sha256File(join(folder, "none")))
      assert.include(error.message, `${join(folder, "none")}: ENOENT`)
    })
  )
})
