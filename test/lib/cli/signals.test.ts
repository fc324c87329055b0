import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeSignals } from "../../../lib/cli/signals.ts"

describe("makeSignals", () => {
  it("interrupts a command that does not stop by itself", () => {
    let interrupted = 0
    const { signals, came } = makeSignals(() => interrupted++)
    assert.isFalse(signals.stopping())
    came()
    assert.deepStrictEqual([signals.stopping(), interrupted], [true, 1])
  })

  it.effect("leaves a command that stops by itself alone the first time, and interrupts it the second", () =>
    Effect.gen(function* () {
      let interrupted = 0
      const { signals, came } = makeSignals(() => interrupted++)
      yield* Effect.scoped(
        Effect.andThen(
          signals.stopsItself,
          Effect.sync(() => {
            came()
            assert.deepStrictEqual([signals.stopping(), interrupted], [true, 0])
            came()
            assert.strictEqual(interrupted, 1)
          })
        )
      )
    })
  )

  it.effect("interrupts at once again when that part of the command is over", () =>
    Effect.gen(function* () {
      let interrupted = 0
      const { signals, came } = makeSignals(() => interrupted++)
      yield* Effect.scoped(signals.stopsItself)
      came()
      assert.strictEqual(interrupted, 1)
    })
  )
})
