import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { decodeMessage } from "../../../lib/job/message.ts"
import { messageFor } from "../../../lib/job/payload.ts"
import { memoryStore } from "../../toy/memory-store.ts"

const origin = { submission: "toy", pipeline: "0".repeat(64), semmim: "0.1.0" }
const message = Effect.gen(function* () {
  return yield* decodeMessage(yield* messageFor(origin, { kind: "merge", of: "shards" }), origin.semmim)
}).pipe(Effect.withSpan("sending"), Effect.provide(memoryStore()))

describe("a message", () => {
  it.effect("names the trace that it is sent in", () =>
    Effect.gen(function* () {
      assert.match((yield* message).trace ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/)
    })
  )

  it.effect("is one that can be read where tracing is off", () =>
    Effect.gen(function* () {
      assert.notProperty(yield* Effect.withTracerEnabled(message, false), "trace")
    })
  )
})
