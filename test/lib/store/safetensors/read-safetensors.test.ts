import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Data, Effect, FileSystem } from "effect"
import { key } from "../../../../lib/random/key.ts"
import { normal } from "../../../../lib/random/normal.ts"
import { readSafetensors } from "../../../../lib/store/safetensors/read-safetensors.ts"
import { encode } from "../../../../lib/store/safetensors/safetensors.ts"
import type { StoredTensor } from "../../../../lib/store/safetensors/stored-tensor.ts"
import { type PendingTensor, writeSafetensors } from "../../../../lib/store/safetensors/write-safetensors.ts"

class LoadFailed extends Data.TaggedError("LoadFailed") {}

const tensors = new Map<string, StoredTensor>([
  ["b", { dtype: "F32", shape: [3, 5], data: normal(key(1), 15) }],
  ["a", { dtype: "I64", shape: [2], data: BigInt64Array.of(1n, -1n) }],
  ["empty", { dtype: "F32", shape: [0, 7], data: new Float32Array(0) }],
  // Longer than one chunk of writing.
  ["long", { dtype: "F32", shape: [5_000_000], data: new Float32Array(5_000_000).map((_, i) => i) }],
  ["view", { dtype: "U8", shape: [2], data: Uint8Array.of(9, 8, 7, 6).subarray(1, 3) }]
])
const metadata = new Map([["step", "3"]])

layer(NodeServices.layer)("safetensors files", (it) => {
  const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

  it.effect("hold the bytes of encode, and their digest is returned", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "new", "model.safetensors")
      const written = yield* writeSafetensors(path, tensors, metadata)
      const bytes = readFileSync(path)
      assert.isTrue(bytes.equals(encode(tensors, metadata)))
      assert.deepStrictEqual(written, { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length })
    })
  )

  it.effect("are read tensor by tensor, in any order, as often as asked", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "model.safetensors")
      yield* writeSafetensors(path, tensors, metadata)
      const file = yield* readSafetensors(path)
      assert.deepStrictEqual(file.metadata, metadata)
      assert.deepStrictEqual([...file.tensors.keys()], ["a", "b", "empty", "long", "view"])
      const names = [...tensors.keys(), "b", "a"]
      const read = yield* Effect.forEach(names, file.tensor, { concurrency: 4 })
      for (const [i, name] of names.entries()) assert.deepStrictEqual(read[i], tensors.get(name))
      const missing = yield* Effect.flip(file.tensor("c"))
      assert.strictEqual(missing.message, `${path}: has no tensor "c"`)
    })
  )

  it.effect("are written from tensors loaded one at a time", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "model.safetensors")
      let loaded = 0
      let most = 0
      const pending = new Map<string, PendingTensor>(
        ["x", "y", "z"].map((name, i) => [
          name,
          {
            dtype: "F32",
            shape: [2],
            load: Effect.gen(function* () {
              most = Math.max(most, ++loaded)
              yield* Effect.yieldNow
              loaded--
              return Float32Array.of(i, i)
            })
          }
        ])
      )
      yield* writeSafetensors(path, pending)
      assert.strictEqual(most, 1)
      const file = yield* readSafetensors(path)
      assert.deepStrictEqual((yield* file.tensor("z")).data, Float32Array.of(2, 2))
    })
  )

  it.effect("are untouched, with nothing beside them, when a tensor cannot be loaded or does not fit its shape", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const inside = yield* folder
      const path = join(inside, "model.safetensors")
      const first = yield* writeSafetensors(path, new Map([["b", tensors.get("b")!]]))
      const failing = new Map<string, StoredTensor | PendingTensor<LoadFailed>>([
        ["a", tensors.get("long")!],
        ["b", { dtype: "F32", shape: [2], load: Effect.fail(new LoadFailed()) }]
      ])
      assert.instanceOf(yield* Effect.flip(writeSafetensors(path, failing)), LoadFailed)
      const short = new Map<string, PendingTensor>([
        ["b", { dtype: "F32", shape: [2], load: Effect.succeed(new Float32Array(1)) }]
      ])
      const error = yield* Effect.flip(writeSafetensors(path, short))
      assert.strictEqual(error.message, `${path}: tensor "b" has shape [2] but 1 elements`)
      assert.deepStrictEqual(yield* fs.readDirectory(inside), ["model.safetensors"])
      assert.strictEqual(readFileSync(path).length, first.bytes)
    })
  )

  it.effect("that are missing, broken or cut after opening are errors naming the file", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "model.safetensors")
      const missing = yield* Effect.flip(readSafetensors(path))
      assert.strictEqual(missing._tag, "StoreError")
      assert.include(missing.message, `${path}: ENOENT`)
      writeFileSync(path, "abc")
      const few = `${path}: 3 bytes are too few for a header: it is empty or was cut short`
      assert.strictEqual((yield* Effect.flip(readSafetensors(path))).message, few)
      const { bytes } = yield* writeSafetensors(path, tensors)
      const file = yield* readSafetensors(path)
      writeFileSync(path, readFileSync(path).subarray(0, bytes - 1))
      const cut = yield* Effect.flip(file.tensor("view"))
      assert.strictEqual(cut.message, `${path}: ends at byte ${bytes - 1}, it was longer when opened`)
    })
  )
})
