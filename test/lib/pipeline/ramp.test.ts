import { assert, describe, it } from "vitest"
import { rampOverEpochs, rampOverWarmup, weightAt } from "../../../lib/pipeline/ramp.ts"

const at = (step: number) => ({ step, steps: 100, warmup: 10, stepsPerEpoch: 20 })

describe("weightAt", () => {
  it("goes in a straight line over steps, epochs or a share of the run, and stays at its end", () => {
    const values = (over: Parameters<typeof weightAt>[0]["over"]) =>
      [0, 10, 20, 40, 99].map((step) => weightAt({ from: 1, to: 3, over }, at(step)))
    assert.deepEqual(values({ steps: 20 }), [1, 2, 3, 3, 3])
    assert.deepEqual(values({ epochs: 2 }), [1, 1.5, 2, 3, 3])
    assert.deepEqual(values({ share: 0.4 }), [1, 1.5, 2, 3, 3])
  })

  it("stays at its first value up to its start, and jumps where it goes over nothing", () => {
    const late = { from: 0, to: 1, over: { steps: 10 }, start: { epochs: 1 } }
    assert.deepEqual(
      [0, 20, 25, 30].map((step) => weightAt(late, at(step))),
      [0, 0, 0.5, 1]
    )
    const jump = { from: 0, to: 1, over: { steps: 0 }, start: { share: 0.5 } }
    assert.deepEqual(
      [49, 50].map((step) => weightAt(jump, at(step))),
      [0, 1]
    )
  })
})

describe("schedules of stages", () => {
  it("reach their value after their epochs, or after the warm-up", () => {
    assert.deepEqual(
      [0, 10, 40].map((step) => rampOverEpochs(0.4, 1)(at(step))),
      [0, 0.2, 0.4]
    )
    assert.strictEqual(rampOverEpochs(0.4, 0)(at(0)), 0.4)
    assert.deepEqual(
      [0, 5, 10].map((step) => rampOverWarmup(1, 3)(at(step))),
      [1, 2, 3]
    )
  })
})
