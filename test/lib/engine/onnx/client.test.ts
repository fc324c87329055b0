import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openWorker } from "../../../../lib/engine/onnx/client.ts"

const crashing = Effect.scoped(
  Effect.gen(function* () {
    const ask = yield* openWorker({ buffers: {}, threads: 1 }, new URL("./crashing-worker.ts", import.meta.url))
    const first = yield* Effect.flip(ask({ kind: "usage" }, "measuring"))
    const second = yield* Effect.flip(ask({ kind: "read", buffer: "w" }, "reading w"))
    return [first.message, second.message]
  })
)
const throwing = Effect.scoped(
  Effect.flatMap(openWorker({ buffers: {}, threads: 1 }, new URL("./crashing-worker.ts", import.meta.url)), (ask) =>
    Effect.flip(
      Effect.all([ask({ kind: "read", buffer: "w" }, "reading w"), ask({ kind: "read", buffer: "v" }, "reading v")], {
        concurrency: 2
      })
    )
  )
)

describe("a worker that fails", () => {
  it.live("fails what waits for it and what is asked afterwards, with its exit code", () =>
    Effect.map(crashing, (messages) =>
      assert.deepEqual(messages, [
        "engine onnx, measuring: its worker stopped with code 3",
        "engine onnx, reading w: its worker stopped with code 3"
      ])
    )
  )
  it.live("fails what waits for it with what it threw", () =>
    Effect.map(throwing, (error) => assert.strictEqual(error.message, "engine onnx, reading w: its worker failed: out of luck"))
  )
})
