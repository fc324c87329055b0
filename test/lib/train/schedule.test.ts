import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { trainSettings } from "../../../lib/pipeline/training-settings.ts"
import { learningRateAt, progressAt } from "../../../lib/train/schedule.ts"
import { seed } from "../../seed.ts"

const settings = trainSettings({ batch: 8, steps: 100, learningRate: 1, finalLearningRate: 0.1, warmup: 10 })
const at = (step: number, given = settings) => learningRateAt(given, progressAt(given, step, 80))

describe("learningRateAt", () => {
  it("rises in equal steps to the learning rate over the warm-up, never from 0", () => {
    assert.closeTo(at(0), 0.1, 1e-12)
    assert.closeTo(at(4), 0.5, 1e-12)
    assert.strictEqual(at(9), 1)
    assert.strictEqual(at(10), 1)
  })

  it("falls as a cosine to the final rate, half-way at half the rest", () => {
    assert.closeTo(at(55), 0.55, 1e-12)
    assert.closeTo(at(10 + 30), 0.1 + 0.45 * (1 + Math.cos(Math.PI / 3)), 1e-12)
    assert.closeTo(at(100), 0.1, 1e-12)
  })

  it("stays at the final rate where a run goes on past its last step", () => {
    assert.closeTo(at(1000), 0.1, 1e-12)
  })

  it("starts at once without a warm-up, and never falls where the final rate is the same", () => {
    assert.strictEqual(at(0, { ...settings, warmup: 0 }), 1)
    for (const step of [0, 30, 99]) assert.closeTo(at(step, { ...settings, warmup: 0, finalLearningRate: 1 }), 1, 1e-12)
  })

  it("is between 0 and the highest rate, rises through the warm-up and falls after it, whatever the settings", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.nat(250),
        fc.nat(220),
        fc.double({ min: 0, max: 1 }),
        (steps, warmup, step, final) => {
          const given = { ...settings, steps, warmup, finalLearningRate: Number.isNaN(final) ? 0 : final }
          const [now, next] = [at(step, given), at(step + 1, given)]
          assert.isAtLeast(now, 0)
          assert.isAtMost(now, 1)
          if (step + 1 < warmup) assert.isAbove(next, now)
          else if (step >= warmup) assert.isAtMost(next, now + 1e-12)
        }
      ),
      { seed, numRuns: 300 }
    )
  })
})

describe("progressAt", () => {
  it("counts the steps of an epoch, at least one", () => {
    assert.deepStrictEqual(progressAt(settings, 7, 20), { step: 7, steps: 100, warmup: 10, stepsPerEpoch: 2.5 })
    assert.strictEqual(progressAt(settings, 7, 3).stepsPerEpoch, 1)
  })
})
