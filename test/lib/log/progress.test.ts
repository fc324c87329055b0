import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { beginProgress } from "../../../lib/log/progress.ts"

const collecting = (columns: number | undefined) => {
  const written: Array<string> = []
  return { written, output: { write: (text: string) => void written.push(text), columns: () => columns } }
}

const at = (done: number) => ({ label: "train", done, total: 100, unit: "step" })

describe("beginProgress", () => {
  it.effect("prints plain lines in a log, no oftener than asked, and the last state at the end", () =>
    Effect.gen(function* () {
      const { written, output } = collecting(undefined)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const progress = yield* beginProgress(output, { everySeconds: 10 })
          for (let done = 1; done <= 24; done++) {
            yield* TestClock.adjust("1 second")
            yield* progress.update(at(done))
          }
          yield* progress.print("saved")
        })
      )
      assert.deepStrictEqual(written, [
        "train 1/100 (1%)  eta 1m39s  1 step/s\n",
        "train 11/100 (11%)  eta 1m29s  1 step/s\n",
        "train 21/100 (21%)  eta 1m19s  1 step/s\n",
        "saved\n",
        "train 24/100 (24%)  eta 1m16s  1 step/s\n"
      ])
    })
  )

  it.effect("prints a line in a log every so many steps if asked", () =>
    Effect.gen(function* () {
      const { written, output } = collecting(undefined)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const progress = yield* beginProgress(output, { everySteps: 5, everySeconds: 1000 })
          for (let done = 0; done <= 10; done++) yield* progress.update(at(done))
        })
      )
      assert.deepStrictEqual(
        written.map((text) => text.split(" ")[1]),
        ["0/100", "5/100", "10/100"]
      )
      assert.notInclude(written.join(""), "\u001b")
    })
  )

  it.effect("rewrites one line on a terminal at most ten times a second, prints above it, and leaves the last state", () =>
    Effect.gen(function* () {
      const { written, output } = collecting(60)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const progress = yield* beginProgress(output)
          for (let done = 1; done <= 8; done++) {
            yield* TestClock.adjust("50 millis")
            yield* progress.update(at(done))
          }
          yield* progress.print("saved")
        })
      )
      const counts = written.map((text) => /(\d+)\/100/.exec(text)?.[1] ?? text)
      assert.deepStrictEqual(counts, ["1", "3", "5", "7", "\r\u001b[Ksaved\n", "8", "\n"])
      assert.isTrue(written.filter((text) => text.includes("/100")).every((text) => text.startsWith("\r\u001b[K")))
    })
  )

  it.effect("writes nothing at all if nothing was told", () =>
    Effect.gen(function* () {
      const { written, output } = collecting(60)
      yield* Effect.scoped(beginProgress(output))
      assert.deepStrictEqual(written, [])
    })
  )
})
