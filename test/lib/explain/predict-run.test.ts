import { assert, describe, it } from "@effect/vitest"
import { largestBatch } from "../../../lib/explain/largest-batch.ts"
import type { MeasuredStep, RunMeasures } from "../../../lib/explain/measure-run.ts"
import { predictRun } from "../../../lib/explain/predict-run.ts"
import { trainSettings } from "../../../lib/pipeline/training-settings.ts"

const step = (batch: number, seconds: number): MeasuredStep => ({
  ...{ batch, seconds, steps: 3, readySeconds: 4, peakBytes: 1000 + 10 * batch },
  plan: { flops: 5 * batch, peakBytes: 10 * batch }
})
const measures = (steps: readonly MeasuredStep[], batch: number): RunMeasures => ({
  ...{ steps, samples: 100, largestBatch: 1000, availableBytes: 1e6 },
  reading: { samples: 8, firstSeconds: 0.2, laterSeconds: 0.01 },
  plan: { flops: 5 * batch, peakBytes: 10 * batch }
})
const training = (batch: number) => trainSettings({ batch, steps: 30, learningRate: 0.1 })
const threads = { threads: 2, workers: 1, cores: 2 }

describe("predictRun", () => {
  it("takes a step as measured where its own batch was measured, and never waits less than for the reading of a batch", () => {
    const { computeSeconds, firstStepSeconds, laterStepSeconds, firstSteps, runSeconds, peakBytes } = predictRun(
      measures([step(2, 0.1), step(10, 0.4)], 10),
      training(10),
      threads
    )
    assert.deepStrictEqual([computeSeconds, firstStepSeconds, firstSteps, peakBytes], [0.4, 2, 10, 1100])
    assert.closeTo(laterStepSeconds, 0.45, 1e-9) // both cores compute, and one of them reads .1 s
    assert.closeTo(runSeconds, 4 + 10 * 2 + 20 * 0.45, 1e-9)
  })

  it("reads in turn with the steps where no thread reads", () => {
    const { firstStepSeconds } = predictRun(measures([step(10, 0.4)], 10), training(10), { ...threads, workers: 0 })
    assert.closeTo(firstStepSeconds, 2.4, 1e-9)
  })

  it("goes along the line through two measurements, or by operations from one, and by the plan's memory", () => {
    const two = predictRun(measures([step(2, 0.2), step(4, 0.3)], 40), training(40), threads)
    assert.closeTo(two.computeSeconds, 2.1, 1e-9)
    const one = predictRun(measures([step(2, 0.2)], 40), training(40), threads)
    assert.closeTo(one.computeSeconds, 4, 1e-9)
    assert.strictEqual(one.peakBytes, 1020 + 10 * 38)
  })
})

describe("largestBatch", () => {
  it("is within a fifth of the largest that fits, where memory grows with the square of the batch", () => {
    for (const bytes of [5e4, 1e7, 3e9]) {
      const at = (batch: number): number => 1000 + 300 * batch + 0.5 * batch ** 2
      const found = largestBatch(at, 2, bytes)
      assert.isAtMost(at(found), bytes)
      assert.isAbove(at(Math.ceil(found * 1.2)), bytes)
    }
  })

  it("stays below what a stage refuses, and is 0 where nothing fits", () => {
    const found = largestBatch((batch) => (batch > 64 ? Number.POSITIVE_INFINITY : batch), 2, 1e9)
    assert.isTrue(found > 32 && found <= 64, `${found}`)
    assert.strictEqual(
      largestBatch((batch) => 10 * batch, 2, 10),
      0
    )
  })
})
