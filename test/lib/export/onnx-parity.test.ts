import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { InferenceSession, Tensor } from "onnxruntime-node"
import { onnxModel } from "../../../lib/export/onnx-model.ts"
import { checkParity, randomFeeds, relativeDifference } from "../../../lib/export/onnx-parity.ts"
import { fedWithPixels } from "../../../lib/export/pixel-values.ts"
import { derive, key } from "../../../lib/random/key.ts"
import { planEncoders } from "../../../lib/task/encoders.ts"
import { openTinyModel, tinyLayout } from "../task/tiny-model.ts"
import { tinyPipeline } from "../task/tiny-pipeline.ts"

layer(NodeServices.layer)("the parity of an ONNX model", (it) => {
  it.effect("holds for the model's own weights, and is refused by name for others", () =>
    Effect.gen(function* () {
      const { session, student, teacher } = yield* openTinyModel
      for (const side of ["images", "texts"] as const) {
        const at = (batch: number) => planEncoders(tinyPipeline, tinyLayout, batch, "student")[side].program
        const cases = yield* Effect.forEach([1, 2, 5, 6, 64], (batch) =>
          Effect.gen(function* () {
            const program = at(batch)
            const executable = yield* session.compile(`parity.${side}.${batch}`, program)
            return { program, executable, feeds: randomFeeds(program, 400, derive(key(1), batch)) }
          })
        )
        const { model: good } = onnxModel(at, { student, teacher })
        assert.isBelow(yield* checkParity("good.onnx", good, cases), 1e-5)
        const other = student.map((x, i) => (i % 7 === 0 ? x + 0.01 : x))
        const { model: bad } = onnxModel(at, { student: other, teacher })
        const error = yield* Effect.flip(checkParity("bad.onnx", bad, cases.slice(1)))
        assert.match(
          error.message,
          /^bad\.onnx: '(image|text)Embedding' differs from the model's by \d\.\de[-+]\d of its largest number, given \[2, .*\]$/
        )
      }
    })
  )

  it.effect("has the same numbers for a sample alone and for a sample among others", () =>
    Effect.gen(function* () {
      const { student, teacher } = yield* openTinyModel
      const at = (batch: number) => fedWithPixels(planEncoders(tinyPipeline, tinyLayout, batch, "student").images.program)
      const session = yield* Effect.promise(() => InferenceSession.create(onnxModel(at, { student, teacher }).model))
      const { pixel_values: pixels } = randomFeeds(at(7), 400, key(3)) as { readonly pixel_values: Float32Array }
      const run = (from: number, to: number) => {
        const own = new Tensor("float32", pixels.subarray(from * 3072, to * 3072), [to - from, 3, 32, 32])
        return Effect.promise(async () => (await session.run({ pixel_values: own }))["imageEmbedding"]!)
      }
      const all = yield* run(0, 7)
      assert.deepStrictEqual([...all.dims], [7, 32])
      for (let i = 0; i < 7; i++) {
        const alone = (yield* run(i, i + 1)).data as Float32Array
        assert.isBelow(relativeDifference(alone, (all.data as Float32Array).subarray(32 * i, 32 * (i + 1))), 1e-6)
      }
      yield* Effect.promise(() => session.release())
    })
  )

  it.effect("holds for pixels fed as [batch, channel, row, column]", () =>
    Effect.gen(function* () {
      const { session } = yield* openTinyModel
      const { program } = planEncoders(tinyPipeline, tinyLayout, 1, "student").images
      const withPixels = fedWithPixels(program)
      const side = 32
      const pixels = Float32Array.from({ length: 3 * side * side }, (_, i) => Math.sin(i))
      const patches = new Float32Array(pixels.length)
      for (let channel = 0, i = 0; channel < 3; channel++)
        for (let y = 0; y < side; y++)
          for (let x = 0; x < side; x++, i++) {
            const patch = Math.floor(y / 8) * 4 + Math.floor(x / 8)
            patches[patch * 192 + ((y % 8) * 8 + (x % 8)) * 3 + channel] = pixels[i]!
          }
      const cut = yield* (yield* session.compile("cut", program)).run({ patches })
      const whole = yield* (yield* session.compile("whole", withPixels)).run({ pixel_values: pixels })
      assert.isBelow(relativeDifference(cut["imageStates"]!, whole["imageStates"]!), 1e-6)
    })
  )
})
