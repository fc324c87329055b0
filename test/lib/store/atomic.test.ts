import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Data, Effect, Exit, FileSystem } from "effect"
import { removeLeftovers, writeAtomically, writeFileAtomically, writeFolderAtomically } from "../../../lib/store/atomic.ts"
import { crashingDisk } from "./failing-disk.ts"

class Stopped extends Data.TaggedError("Stopped") {}

layer(NodeServices.layer)("atomic writes", (it) => {
  const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

  it.effect("make missing folders, replace files, and leave nothing beside them", () =>
    Effect.gen(function* () {
      const inside = join(yield* folder, "a", "b")
      yield* writeAtomically(join(inside, "x.txt"), "one")
      yield* writeAtomically(join(inside, "x.txt"), Uint8Array.of(50))
      assert.strictEqual(readFileSync(join(inside, "x.txt"), "utf8"), "2")
      assert.deepStrictEqual(readdirSync(inside), ["x.txt"])
    })
  )

  it.effect("keep the old file and clean up when writing fails, is interrupted or the path cannot be written", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const path = join(inside, "x.txt")
      yield* writeAtomically(path, "old")
      const half = (file: FileSystem.File) => file.writeAll(Uint8Array.of(1)).pipe(Effect.orDie)
      const failed = yield* Effect.flip(
        writeFileAtomically(path, (file) => Effect.andThen(half(file), Effect.fail(new Stopped())))
      )
      assert.instanceOf(failed, Stopped)
      const interrupted = yield* Effect.exit(writeFileAtomically(path, (file) => Effect.andThen(half(file), Effect.interrupt)))
      assert.isTrue(Exit.hasInterrupts(interrupted))
      assert.strictEqual(readFileSync(path, "utf8"), "old")
      assert.deepStrictEqual(readdirSync(inside), ["x.txt"])
      const error = yield* Effect.flip(writeAtomically(join(path, "y.txt"), ""))
      assert.match(error.message, /^.*x\.txt: (ENOTDIR|EEXIST): [^\n]+$/)
    })
  )

  it.effect("leave the old file or the new one, whole, wherever a crash comes", () =>
    Effect.gen(function* () {
      for (let last = 1, crashed = true; crashed; last++) {
        const path = join(yield* folder, "x.txt")
        yield* writeAtomically(path, "the old content")
        const disk = crashingDisk(last)
        const exit = yield* Effect.exit(writeAtomically(path, "something new").pipe(Effect.provide(disk.layer, { local: true })))
        crashed = disk.crashed()
        assert.strictEqual(Exit.isSuccess(exit), !crashed)
        const content = readFileSync(path, "utf8")
        assert.include(crashed ? ["the old content", "something new"] : ["something new"], content, `change ${last}`)
        if (!crashed) assert.isAtLeast(last, 6)
      }
    })
  )

  it.effect("leave a folder absent or whole wherever a crash comes, and leftovers can be removed", () =>
    Effect.gen(function* () {
      for (let last = 1, crashed = true; crashed; last++) {
        const inside = yield* folder
        const path = join(inside, "step-1")
        const disk = crashingDisk(last)
        const fill = (temporary: string) =>
          Effect.andThen(writeAtomically(join(temporary, "a"), "first"), writeAtomically(join(temporary, "deep", "b"), "second"))
        yield* Effect.exit(writeFolderAtomically(path, fill).pipe(Effect.provide(disk.layer, { local: true })))
        crashed = disk.crashed()
        yield* removeLeftovers(inside)
        const names = readdirSync(inside)
        assert.include([0, 1], names.length)
        if (!crashed || names.length === 1) {
          assert.deepStrictEqual(names, ["step-1"])
          assert.strictEqual(readFileSync(join(path, "a"), "utf8") + readFileSync(join(path, "deep", "b"), "utf8"), "firstsecond")
        }
      }
    })
  )

  it.effect("refuse a folder that is there, before filling it or after", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const path = join(inside, "step-1")
      const late = writeFolderAtomically(path, () => writeAtomically(join(path, "theirs"), ""))
      assert.strictEqual((yield* Effect.flip(late)).message, `${path}: exists already`)
      const early = writeFolderAtomically(path, () => Effect.die("filled"))
      assert.strictEqual((yield* Effect.flip(early)).message, `${path}: exists already`)
      assert.deepStrictEqual(readdirSync(inside), ["step-1"])
      assert.deepStrictEqual(readdirSync(path), ["theirs"])
    })
  )

  it.effect("have no leftovers in a folder that is missing, nor among other files", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      assert.deepStrictEqual(yield* removeLeftovers(join(inside, "none")), [])
      for (const name of [".hidden", "a.tmp", ".a.tmp", ".a.0123456789ab.tmp"]) yield* writeAtomically(join(inside, name), "")
      assert.deepStrictEqual(yield* removeLeftovers(inside), [".a.0123456789ab.tmp"])
      assert.strictEqual(readdirSync(inside).length, 3)
    })
  )
})
