import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { Effect } from "effect"
import { trace } from "../../lib/compiler/trace.ts"
import { tensorflow } from "../../lib/engine/tensorflow/engine.ts"

const cache = mkdtempSync(join(tmpdir(), "semmim-xla-"))
afterAll(() => rmSync(cache, { recursive: true }))

const engine = tensorflow({ device: "cpu", cache })
const buffers = { w: { dtype: "float32", length: 4 } } as const

const adding = (amount: number) =>
  trace((t) => {
    const moved = tf.add(t.input("w", [4], "float32", { buffer: "w", offset: 0 }), amount)
    return { outputs: { sum: tf.sum(moved) }, updates: [{ kind: "replace", buffer: "w", offset: 0, tensor: moved }] }
  })

describe("a program on the tensorflow engine", () => {
  it.live("is compiled by XLA as one, once: what it compiled is in its cache, for the next session too", () =>
    Effect.gen(function* () {
      const compiled = () => readdirSync(cache).length
      const run = Effect.scoped(
        Effect.gen(function* () {
          const session = yield* engine.open(buffers, { threads: 1 })
          const step = yield* session.compile("step", adding(1))
          yield* step.run({})
          return [...(yield* step.run({}))["sum"]!]
        })
      )
      assert.strictEqual(compiled(), 0)
      assert.deepEqual(yield* run, [8])
      assert.strictEqual(compiled(), 1)
      assert.deepEqual(yield* run, [8])
      assert.strictEqual(compiled(), 1)
    })
  )
  it.live("keeps its state when another is compiled after it has run", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const session = yield* engine.open(buffers, { threads: 1 })
        const one = yield* session.compile("one", adding(1))
        yield* one.run({})
        const ten = yield* session.compile("ten", adding(10))
        assert.deepEqual([...(yield* ten.run({}))["sum"]!], [44])
        yield* session.write("w", 1, Float32Array.of(0))
        assert.deepEqual([...(yield* one.run({}))["sum"]!], [37])
        assert.deepEqual([...(yield* session.read("w"))], [12, 1, 12, 12])
      })
    )
  )
  it.live("that is opened with other threads in the same process is refused", () =>
    Effect.scoped(
      Effect.map(Effect.flip(engine.open(buffers, { threads: 2 })), ({ message }) =>
        assert.strictEqual(
          message,
          "engine tensorflow, opening: TensorFlow runs with threads 1 in this process already, and cannot with threads 2"
        )
      )
    )
  )
})
