import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit, FileSystem } from "effect"
import { reference } from "../../../lib/engine/reference/engine.ts"
import { type BufferContents, initialState } from "../../../lib/model/initial.ts"
import { parameterLayout } from "../../../lib/model/layout.ts"
import { stateBuffers } from "../../../lib/model/state-buffers.ts"
import {
  type CheckpointState,
  checkpointFolder,
  loadCheckpoint,
  restore,
  saveCheckpoint,
  verifyCheckpoint
} from "../../../lib/run-folder/checkpoint.ts"
import { pruneCheckpoints } from "../../../lib/run-folder/run-folder.ts"
import { digest, sha256 } from "../../../lib/store/digest.ts"
import { decode, encode } from "../../../lib/store/safetensors/safetensors.ts"
import type { StoredTensor } from "../../../lib/store/safetensors/stored-tensor.ts"
import { align, itc } from "../../../stages/align/index.ts"
import { toyPipeline } from "../../toy/pipeline.ts"
import { crashingDisk } from "../store/failing-disk.ts"

const toy = toyPipeline()
/** The toy pipeline, and the queue of a stage that keeps state. */
const pipeline = {
  ...toy,
  stages: [...toy.stages, align({ contrastive: itc({ queue: 8 }) })],
  sizes: { ...toy.sizes, embedding: 3, width: 5 }
}
const layout = parameterLayout(pipeline)
const state = (step: number): CheckpointState => ({ step, pipeline: "p", seed: 1, engine: "e", best: null })

const openSession = Effect.fnUntraced(function* (contents: BufferContents) {
  const session = yield* reference.open(stateBuffers(pipeline, layout), { threads: 1 })
  yield* restore(session, contents)
  return session
})

const contentsOf = (seed: number): BufferContents => {
  const contents = new Map(initialState(pipeline, layout, seed))
  const moments = new Float32Array(layout.length)
  for (const { offset, size } of layout.slots) moments.fill(seed, offset, offset + size)
  contents.set("adam.m", moments)
  contents.set("align.queueGroup.pointer", Int32Array.of(5))
  return contents
}

/** A checkpoint of step 3 in a new run's folder. */
const saved = Effect.gen(function* () {
  const run = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
  const folder = yield* saveCheckpoint(run, pipeline, layout, yield* openSession(contentsOf(1)), state(3))
  return { run, folder }
})

/** Rewrites one of a checkpoint's files, its manifest too, as someone would who edits weights. */
const edit = (folder: string, file: string, change: (tensors: Map<string, StoredTensor>) => void): string => {
  const path = join(folder, file)
  const tensors = new Map(decode(readFileSync(path), file).tensors)
  change(tensors)
  writeFileSync(path, encode(tensors))
  return path
}

const loading = (folder: string) => Effect.map(Effect.flip(loadCheckpoint(folder, pipeline, layout)), (error) => error.message)
const verifying = (folder: string) => Effect.map(Effect.flip(verifyCheckpoint(folder, layout)), (error) => error.message)

layer(NodeServices.layer)("a checkpoint", (it) => {
  it.effect("is read back as it was written: parameters, moments, queues and their pointers", () =>
    Effect.gen(function* () {
      const { run, folder } = yield* saved
      assert.strictEqual(folder, checkpointFolder(run, 3))
      assert.deepStrictEqual(yield* verifyCheckpoint(folder, layout), state(3))
      const contents = yield* loadCheckpoint(folder, pipeline, layout)
      const expected = contentsOf(1)
      assert.deepStrictEqual([...contents.keys()].sort(), [...expected.keys()].sort())
      for (const [name, numbers] of expected) assert.deepEqual([...contents.get(name)!], [...numbers], name)
      const files = readdirSync(folder).sort()
      const tensors = ["model.safetensors", "optimizer.safetensors", "state.json", "teacher.safetensors"]
      assert.deepStrictEqual(files, ["manifest.json", ...tensors])
      const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"))
      for (const file of tensors) assert.strictEqual(manifest.files[file].sha256, sha256(readFileSync(join(folder, file))))
    })
  )

  it.effect("is left as it is when the same step is saved again", () =>
    Effect.gen(function* () {
      const { run, folder } = yield* saved
      const before = readFileSync(join(folder, "manifest.json"), "utf8")
      yield* saveCheckpoint(run, pipeline, layout, yield* openSession(contentsOf(2)), state(3))
      assert.strictEqual(readFileSync(join(folder, "manifest.json"), "utf8"), before)
    })
  )

  it.effect("is there whole or not at all wherever the disk stops, and the one before it stays", () =>
    Effect.gen(function* () {
      for (let last = 1, crashed = true; crashed; last++) {
        const { run, folder } = yield* saved
        const session = yield* openSession(contentsOf(2))
        const disk = crashingDisk(last)
        const saving = Effect.andThen(
          saveCheckpoint(run, pipeline, layout, session, state(4)),
          pruneCheckpoints(run, 1, undefined)
        )
        const exit = yield* Effect.exit(saving.pipe(Effect.provide(disk.layer, { local: true })))
        crashed = disk.crashed()
        assert.strictEqual(Exit.isSuccess(exit), !crashed)
        const steps = readdirSync(join(run, "checkpoints")).filter((name) => !name.startsWith("."))
        assert.include(["step-3", "step-3 step-4", "step-4"], steps.sort().join(" "), `change ${last}`)
        const newest = steps.includes("step-4") ? checkpointFolder(run, 4) : folder
        yield* verifyCheckpoint(newest, layout)
        const contents = yield* loadCheckpoint(newest, pipeline, layout)
        const seed = newest === folder ? 1 : 2
        assert.strictEqual(digest([...contents.get("adam.m")!]), digest([...contentsOf(seed).get("adam.m")!]))
      }
    })
  )

  it.effect("is refused by file and by tensor where one is missing, extra, misshapen or of another type", () =>
    Effect.gen(function* () {
      const { folder } = yield* saved
      const file = join(folder, "model.safetensors")
      const name = "scales.weight"
      const original = readFileSync(file)
      const { data } = decode(original).tensors.get(name) as { readonly data: Float32Array }
      for (const [change, said] of [
        [(tensors) => tensors.delete(name), `missing ${name}`],
        [(tensors) => tensors.set("other", { dtype: "F32", shape: [], data: Float32Array.of(1) }), "unexpected other"],
        [(tensors) => tensors.set(name, { dtype: "F32", shape: [6, 5], data }), `misshapen ${name} is [6, 5], expected [5, 6]`],
        [
          (tensors) => tensors.set(name, { dtype: "I32", shape: [5, 6], data: Int32Array.from(data) }),
          `${name} is I32, expected F32`
        ]
      ] as ReadonlyArray<readonly [(tensors: Map<string, StoredTensor>) => unknown, string]>) {
        edit(folder, "model.safetensors", change)
        assert.strictEqual(yield* loading(folder), `${file}: ${said}`)
        assert.match(yield* verifying(folder), /model\.safetensors: is not the file that was written \(\d+ bytes, sha256 /)
        writeFileSync(file, original)
      }
      yield* loadCheckpoint(folder, pipeline, layout)
    })
  )

  it.effect("is refused by file where one is cut short, anywhere, or is gone", () =>
    Effect.gen(function* () {
      const { folder } = yield* saved
      for (const file of ["model", "teacher", "optimizer"].map((name) => `${name}.safetensors`)) {
        const path = join(folder, file)
        const whole = readFileSync(path)
        for (const size of [0, 4, 8, 20, whole.length >> 1, whole.length - 1]) {
          truncateSync(path, size)
          for (const said of [yield* loading(folder), yield* verifying(folder)]) {
            assert.include(said, path)
            assert.notInclude(said, "\n")
          }
          writeFileSync(path, whole)
        }
        rmSync(path)
        assert.match(yield* verifying(folder), /safetensors: ENOENT/)
        writeFileSync(path, whole)
      }
    })
  )

  it.effect("is refused where its manifest or its state is damaged, names no file, or is gone", () =>
    Effect.gen(function* () {
      const { folder } = yield* saved
      const manifest = join(folder, "manifest.json")
      const whole = readFileSync(manifest, "utf8")
      writeFileSync(manifest, whole.slice(0, -9))
      assert.match(yield* verifying(folder), /manifest\.json: [^\n]+$/)
      writeFileSync(manifest, '{"files":{}}')
      assert.strictEqual(yield* verifying(folder), `${manifest}: does not name model.safetensors`)
      rmSync(manifest)
      assert.match(yield* verifying(folder), /manifest\.json: ENOENT/)
      writeFileSync(manifest, whole)
      writeFileSync(join(folder, "state.json"), "{}")
      assert.match(yield* verifying(folder), /state\.json: is not the file that was written/)
    })
  )

  it.effect("is not made of parameters that are not finite", () =>
    Effect.gen(function* () {
      const { run } = yield* saved
      const contents = new Map(contentsOf(1))
      contents.set("student", new Float32Array(layout.length).fill(Number.POSITIVE_INFINITY))
      const error = yield* Effect.flip(saveCheckpoint(run, pipeline, layout, yield* openSession(contents), state(9)))
      assert.match(error.message, /^step 9: \S+ is Infinity at 0: not saved$/)
      assert.deepStrictEqual(readdirSync(join(run, "checkpoints")), ["step-3"])
    })
  )
})
