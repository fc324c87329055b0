import { statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { makeFolder } from "../../../lib/store/make-folder.ts"

layer(NodeServices.layer)("makeFolder", (it) => {
  const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

  it.effect("makes a folder and all that it is in, and leaves one that is there", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "a", "b", "c")
      for (let i = 0; i < 2; i++) yield* makeFolder(path)
      assert.isTrue(statSync(path).isDirectory())
      yield* makeFolder(".")
      yield* makeFolder("/")
    })
  )

  it.effect("makes it once where several ask at the same time", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "a", "b")
      yield* Effect.all([makeFolder(path), makeFolder(path), makeFolder(join(path, "c"))], { concurrency: "unbounded" })
      assert.isTrue(statSync(join(path, "c")).isDirectory())
    })
  )

  it.effect("fails where a file is in the way, or where the system makes no folder", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "file")
      writeFileSync(file, "")
      const places = [file, join(file, "a"), ...(process.platform === "linux" ? ["/proc/semmim", "/proc/semmim/a"] : [])]
      for (const path of places) {
        const error = yield* Effect.flip(makeFolder(path))
        assert.match(String((error.reason.cause as Error).message), /^(EEXIST|ENOTDIR|ENOENT): [^\n]+, mkdir /)
      }
    })
  )
})
