import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { Effect } from "effect"
import { trace } from "../../../../lib/compiler/trace.ts"
import { onnx } from "../../../../lib/engine/onnx/engine.ts"

const lookUp = trace((t) => ({ outputs: { y: tf.gather(t.input("table", [3, 2], "float32"), t.input("ids", [2], "int32")) } }))

describe("a run that ONNX Runtime fails", () => {
  it.live("is an error of one line, and the session goes on", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const session = yield* onnx.open({}, { threads: 1 })
        const step = yield* session.compile("look-up", lookUp)
        const table = Float32Array.of(0, 1, 2, 3, 4, 5)
        const { message } = yield* Effect.flip(step.run({ table, ids: Int32Array.of(1, 99) }))
        assert.match(message, /^engine onnx, running look-up: .*99.*$/)
        assert.deepEqual([...(yield* step.run({ table, ids: Int32Array.of(1, 2) }))["y"]!], [2, 3, 4, 5])
      })
    )
  )
})
