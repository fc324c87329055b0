import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { roundSpans } from "../../../../lib/train/rounds/round-spans.ts"
import { learningRateAt } from "../../../../lib/train/schedule.ts"
import { seed } from "../../../seed.ts"

const schedule = fc
  .record({
    steps: fc.integer({ min: 1, max: 1000 }),
    warmup: fc.integer({ min: 0, max: 100 }),
    learningRate: fc.double({ min: 1e-6, max: 1, noNaN: true }),
    final: fc.double({ min: 0, max: 1, noNaN: true })
  })
  .map(({ final, ...rest }) => ({ ...rest, finalLearningRate: final * rest.learningRate }))
const rounds = fc.record({
  localSteps: fc.integer({ min: 1, max: 100 }),
  growth: fc.option(fc.double({ min: 0.01, max: 10, noNaN: true }), { nil: undefined })
})
const given = ({ localSteps, growth }: { localSteps: number; growth: number | undefined }) =>
  growth === undefined ? { localSteps } : { localSteps, growth }

describe("the rounds of a run", () => {
  it("take all its steps, one after the other, none longer than allowed", () => {
    fc.assert(
      fc.property(schedule, rounds, (training, own) => {
        let at = 0
        for (const { from, steps } of roundSpans(training, given(own))) {
          assert.strictEqual(from, at)
          assert.isTrue(steps >= 1 && steps <= own.localSteps)
          at += steps
        }
        assert.strictEqual(at, training.steps)
      }),
      { seed, numRuns: 200 }
    )
  })

  it("have the same length but for the last, where no growth is given", () => {
    fc.assert(
      fc.property(schedule, rounds, (training, { localSteps }) => {
        const lengths = roundSpans(training, { localSteps }).map(({ steps }) => steps)
        assert.isTrue(lengths.slice(0, -1).every((steps) => steps === localSteps))
      }),
      { seed, numRuns: 100 }
    )
  })

  it("grow with the square of what the learning rate has fallen to", () => {
    const training = { steps: 850, warmup: 60, learningRate: 2e-3, finalLearningRate: 0 }
    const spans = roundSpans(training, { localSteps: 20, growth: 1 })
    for (const { from, steps } of spans.slice(0, -1)) {
      const rate = learningRateAt(training, { step: Math.max(from, 60), steps: 850, warmup: 60 })
      assert.strictEqual(steps, Math.min(20, Math.floor((2e-3 / rate) ** 2)))
    }
    assert.strictEqual(spans[0]!.steps, 1)
    assert.strictEqual(spans.at(-2)!.steps, 20)
  })
})
