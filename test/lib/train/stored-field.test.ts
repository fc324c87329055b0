import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { trace } from "../../../lib/compiler/trace.ts"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { reference } from "../../../lib/engine/reference/engine.ts"
import { fieldInput } from "../../../lib/model/program-inputs.ts"
import { asBytes, tensor } from "../../../lib/tensor/field.ts"
import { fromBytes, type Stored } from "../../../lib/tensor/stored.ts"

const perChannel: Stored = { scale: [1 / 70, 1 / 60, 1 / 50], shift: [-1.8, -2, -1.7] }
const same: Stored = { scale: [2 / 255], shift: [-1] }
const bytes = Uint8Array.from({ length: 12 }, (_, i) => i * 23)

describe("a field that the host keeps as bytes", () => {
  for (const engine of [reference, onnx])
    it.live(`is float32 for the stages, made so in the program: ${engine.name}`, () =>
      Effect.gen(function* () {
        const session = yield* engine.open({}, { threads: 1 })
        for (const stored of [perChannel, same]) {
          const field = asBytes(tensor("float32", "batch", "pixels"), stored)
          const program = trace((t) => ({ outputs: { pixels: fieldInput(t, "pixels", field, { batch: 2, pixels: 6 }) } }))
          const { run } = yield* session.compile(`stored ${stored.scale.length}`, program)
          const expected = fromBytes(bytes, stored)
          const got = (yield* run({ pixels: bytes }))["pixels"]!
          got.forEach((value, i) => void assert.closeTo(value, expected[i]!, 1e-6))
          const wrong = yield* Effect.flip(run({ pixels: Float32Array.from(bytes) }))
          assert.match(wrong.message, /input 'pixels' is bytes, but a Float32Array was fed/)
        }
      }).pipe(Effect.scoped)
    )
})
