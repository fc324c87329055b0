import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { planEvaluation } from "../../../lib/evaluate/encoders.ts"
import { key } from "../../../lib/random/key.ts"
import { onnxModel } from "../../../lib/weights/onnx-model.ts"
import { checkParity, randomFeeds, relativeDifference } from "../../../lib/weights/onnx-parity.ts"
import { fedWithPixels } from "../../../lib/weights/pixel-values.ts"
import { openTinyModel, tinyLayout } from "../evaluate/tiny-model.ts"
import { tinyPipeline } from "../evaluate/tiny-pipeline.ts"

layer(NodeServices.layer)("the parity of an ONNX model", (it) => {
  it.effect("holds for the model's own weights, and is refused by name for others", () =>
    Effect.gen(function* () {
      const { session, student, teacher } = yield* openTinyModel
      const { program } = planEvaluation(tinyPipeline, tinyLayout, 2, "student").images
      const executable = yield* session.compile("parity", program)
      const feeds = randomFeeds(program, 400, key(1))
      const good = onnxModel(program, { student, teacher })
      assert.isBelow(yield* checkParity("good.onnx", good, program, executable, feeds), 1e-5)
      const other = student.map((x, i) => (i % 7 === 0 ? x + 0.01 : x))
      const bad = onnxModel(program, { student: other, teacher })
      const error = yield* Effect.flip(checkParity("bad.onnx", bad, program, executable, feeds))
      assert.match(error.message, /^bad\.onnx: 'imageEmbedding' differs from the model's by \d\.\de[-+]\d of its largest number$/)
    })
  )

  it.effect("holds for pixels fed as [batch, channel, row, column]", () =>
    Effect.gen(function* () {
      const { session } = yield* openTinyModel
      const { program } = planEvaluation(tinyPipeline, tinyLayout, 1, "student").images
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
      assert.isBelow(relativeDifference(cut["image"]!, whole["image"]!), 1e-6)
    })
  )
})
