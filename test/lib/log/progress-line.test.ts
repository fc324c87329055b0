import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { line, type ProgressState, plainLine } from "../../../lib/log/progress-line.ts"
import { seed } from "../../seed.ts"

const state: ProgressState = {
  label: "train",
  done: 50,
  total: 200,
  elapsed: 25,
  figures: { loss: 7.1234, lr: 1e-4 },
  unit: "step"
}

describe("line", () => {
  it("shows the label, a bar, the count, the time left, the figures and the rate", () => {
    assert.strictEqual(line(state, 100), "train [######------------------] 50/200  eta 1m15s  loss 7.12  lr 1e-4  2 step/s")
  })

  it("shrinks the bar for want of room, then drops facts from the last, then cuts", () => {
    assert.strictEqual(line(state, 66), "train [###-------] 50/200  eta 1m15s  loss 7.12  lr 1e-4  2 step/s")
    assert.strictEqual(line(state, 40), "train 50/200  eta 1m15s  loss 7.12")
    assert.strictEqual(line(state, 13), "train 50/200")
    assert.strictEqual(line(state, 8), "train 50")
  })

  it("never exceeds its width, whatever the state", () => {
    const anyState = fc.record({
      label: fc.string(),
      done: fc.nat(),
      total: fc.option(fc.nat(), { nil: undefined }),
      elapsed: fc.double({ min: 0, noNaN: true }),
      from: fc.nat(),
      figures: fc.dictionary(fc.string(), fc.double()),
      unit: fc.constant("sample")
    })
    fc.assert(
      fc.property(anyState, fc.nat(200), (any, width) => assert.isAtMost(line(any, width).length, width)),
      { seed, numRuns: 500 }
    )
  })

  it("says how long it took when done, and knows slow rates and unknown ends", () => {
    assert.include(line({ ...state, done: 200, elapsed: 100 }, 100), "200/200  in 1m40s")
    assert.include(line({ ...state, elapsed: 500, figures: {} }, 100), "10s/step")
    assert.strictEqual(line({ label: "read", done: 30, elapsed: 3, unit: "sample" }, 100), "read 30  10 sample/s")
  })

  it("counts only this process's work in the rate", () => {
    assert.include(line({ ...state, from: 25 }, 100), "eta 2m30s")
    assert.strictEqual(line({ label: "train", done: 0, total: 9, elapsed: 0, unit: "step" }, 20), "train [--------] 0/9")
  })
})

describe("plainLine", () => {
  it("has a percentage and every fact, and no bar", () => {
    assert.strictEqual(plainLine(state), "train 50/200 (25%)  eta 1m15s  loss 7.12  lr 1e-4  2 step/s")
    assert.strictEqual(plainLine({ label: "read", done: 30, elapsed: 3, unit: "sample" }), "read 30  10 sample/s")
  })
})
