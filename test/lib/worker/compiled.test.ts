import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Logger } from "effect"
import { reference } from "../../../lib/engine/reference/engine.ts"
import { BlobStore } from "../../../lib/store/blob/blob-store.ts"
import { fileBlobStore } from "../../../lib/store/blob/file.ts"
import { sharedCompiled } from "../../../lib/worker/handlers/compiled.ts"

const temporary = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

/** A machine's own folders of two kinds, and an engine that keeps what it compiled there. */
const machine = Effect.map(temporary, (own) => ({
  on: (kind: string) => ({ ...reference, compiled: { folder: join(own, kind), kind } }),
  file: (kind: string, name: string) => join(own, kind, name),
  make: (kind: string) => Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeDirectory(join(own, kind)))
}))

describe("compiled programs", () => {
  it.effect("are compiled by one worker and found by the next of the same kind of machine, and of the same submission", () =>
    Effect.gen(function* () {
      const store = fileBlobStore(yield* temporary)
      const [one, two] = [yield* machine, yield* machine]
      yield* Effect.gen(function* () {
        yield* one.make("cpu-a")
        writeFileSync(one.file("cpu-a", "of-another-pipeline.pb"), "old")
        const keep = yield* sharedCompiled("run", one.on("cpu-a"))
        writeFileSync(one.file("cpu-a", "step.pb"), "native code")
        writeFileSync(one.file("cpu-a", ".half.pb.tmp"), "half")
        writeFileSync(one.file("cpu-a", "step.pbhost-1-2.tmp"), "half, as XLA names it")
        yield* keep
        yield* keep
        const { blobs } = yield* (yield* BlobStore).list("")
        assert.deepStrictEqual(
          blobs.map(({ key }) => key),
          ["run/compiled/cpu-a/step.pb"]
        )
        for (const [submission, kind] of [
          ["run", "cpu-b"],
          ["other", "cpu-a"]
        ] as const) {
          yield* sharedCompiled(submission, two.on(kind))
          assert.throws(() => readFileSync(two.file(kind, "step.pb")))
        }
        const again = yield* sharedCompiled("run", two.on("cpu-a"))
        assert.strictEqual(readFileSync(two.file("cpu-a", "step.pb"), "utf8"), "native code")
        yield* again
        assert.lengthOf((yield* (yield* BlobStore).list("")).blobs, 1)
      }).pipe(Effect.provide(store))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("that were altered in the store are not taken, and the job goes on", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const two = yield* machine
      yield* Effect.gen(function* () {
        yield* (yield* BlobStore).putIfAbsent("run/compiled/cpu/step.pb", new TextEncoder().encode("native code"))
        writeFileSync(join(folder, "run/compiled/cpu/step.pb"), "evil code") // through the link, into the object
        yield* sharedCompiled("run", two.on("cpu"))
        assert.throws(() => readFileSync(two.file("cpu", "step.pb")))
      }).pipe(Effect.provide(fileBlobStore(folder)))
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(NodeServices.layer, Logger.layer([]))))
  )
})
