import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import fc from "fast-check"
import { type Recorded, recorded, recordedDigest, recordedFromJson, recordedToJson } from "../../../lib/explain/recorded.ts"
import { readRecorded, writeRecorded } from "../../../lib/explain/recorded-file.ts"
import { seed } from "../../seed.ts"

const values: Recorded = {
  patches: recorded("float32", [2, 2], [1, -0.5, 1e-7, 3]),
  tokens: recorded("int32", [3], [7, -1, 0]),
  mask: recorded("bool", [], [1]),
  captions: ["a", "b"],
  image: Uint8Array.of(1, 2, 255)
}

layer(NodeServices.layer)("recorded values", (it) => {
  it.effect("survive JSON bit by bit", () =>
    Effect.sync(() => {
      const floats = fc.float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 20 })
      fc.assert(
        fc.property(floats, fc.array(fc.string()), fc.uint8Array(), (numbers, texts, bytes) => {
          const given = {
            x: recorded(
              "float32",
              [numbers.length],
              numbers.map((x) => (x === 0 ? 0 : x))
            ),
            texts,
            bytes
          }
          const read = recordedFromJson(JSON.parse(JSON.stringify(recordedToJson(given))))
          assert.strictEqual(recordedDigest(read), recordedDigest(given))
        }),
        { seed, numRuns: 50 }
      )
    })
  )

  it.effect("have a digest of names, types, shapes and bytes", () =>
    Effect.sync(() => {
      const x = recorded("float32", [2], [1, 2])
      const others = [
        { y: x },
        { x: recorded("int32", [2], [1, 2]) },
        { x: recorded("float32", [2, 1], [1, 2]) },
        { x: recorded("float32", [2], [1, 3]) }
      ]
      const digests = [{ x }, ...others].map(recordedDigest)
      assert.strictEqual(new Set(digests).size, 5)
    })
  )

  it.effect("are written and read as JSON, and the tensors among them as safetensors", () =>
    Effect.gen(function* () {
      const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
      const [json, tensors] = [join(folder, "a.json"), join(folder, "a.safetensors")]
      yield* writeRecorded(json, values)
      yield* writeRecorded(tensors, values)
      assert.strictEqual(recordedDigest(yield* readRecorded(json)), recordedDigest(values))
      const { captions: _, image: __, ...numbers } = values
      assert.strictEqual(recordedDigest(yield* readRecorded(tensors)), recordedDigest(numbers))
    })
  )

  it.effect("are refused in one line naming the file and the value", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = join(yield* fs.makeTempDirectoryScoped(), "a.json")
      const problem = Effect.map(Effect.flip(readRecorded(path)), ({ message }) => message.replace(path, "PATH"))
      assert.match(yield* problem, /^PATH: /)
      for (const [text, message] of [
        ["[]", "PATH: a recorded input is an object of values by field"],
        ['{"x":{"shape":[2]}}', "PATH: 'x' is neither { dtype, shape, data } nor { base64 }"],
        ['{"x":{"dtype":"float32","shape":[2],"data":[1]}}', "PATH: float32[2] has 2 numbers, but 1 are given"]
      ] as const) {
        yield* fs.writeFileString(path, text)
        assert.strictEqual(yield* problem, message)
      }
    })
  )
})
