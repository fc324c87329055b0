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
      let [interrupted, time] = [0, 0]
      const { signals, came } = makeSignals(
        () => interrupted++,
        () => time
      )
      yield* Effect.scoped(
        Effect.andThen(
          signals.stopsItself,
          Effect.sync(() => {
            came()
            assert.deepStrictEqual([signals.stopping(), interrupted], [true, 0])
            // The same Ctrl-C, from the terminal and passed on by others.
            for (time = 100; time < 900; time += 100) came()
            assert.strictEqual(interrupted, 0)
            time = 1400
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
