import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openJobThread } from "../../../lib/thread/job-thread.ts"

const thread = new URL("../../toy/heap-thread.ts", import.meta.url)

describe("openJobThread", () => {
  it.effect("gives a thread a heap of a stated size, whatever memory the machine has", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const ask = yield* openJobThread<null, number>(thread, null, 0)
        const megabytes = (yield* ask(null)) / 2 ** 20
        assert.isAtLeast(megabytes, 1000)
        assert.isAtMost(megabytes, 1100)
      })
    )
  )
})
