import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { judgeDeltas, quorumOf } from "../../../../lib/train/rounds/judge-deltas.ts"
import { meanMetrics, parseMetrics } from "../../../../lib/train/rounds/mean-metrics.ts"
import { type Delta, meanDelta, normOf, outerStep } from "../../../../lib/train/rounds/outer-step.ts"
import { seed } from "../../../seed.ts"

const floats = (length: number) =>
  fc.float32Array({ minLength: length, maxLength: length, noNaN: true, noDefaultInfinity: true, min: -8, max: 8 })
const deltas = (length: number) =>
  fc
    .array(fc.tuple(fc.integer({ min: 1, max: 500 }), floats(length)), { minLength: 1, maxLength: 5 })
    .map((all) => all.map(([samples, values], replica): Delta => ({ replica, samples, values })))

const plain = { rate: 1, momentum: 0, teacherMomentum: 1 }

describe("the outer step", () => {
  it("gives the same bits whatever the order in which deltas came", () => {
    fc.assert(
      fc.property(deltas(6), fc.integer({ min: 0, max: 4 }), (all, by) => {
        const turned = [...all.slice(by), ...all.slice(0, by)]
        assert.deepStrictEqual(meanDelta(turned), meanDelta(all))
      }),
      { seed, numRuns: 100 }
    )
  })

  it("without momentum and with rate 1 is the mean of where replicas ended, weighted by their samples", () => {
    fc.assert(
      fc.property(floats(6), deltas(6), (student, all) => {
        const start = { student, teacher: student.slice(0, 4), velocity: new Float32Array(6) }
        const moved = outerStep(start, all, [], plain)
        const samples = all.reduce((sum, delta) => sum + delta.samples, 0)
        moved.student.forEach((value, i) => {
          const mean = all.reduce((sum, delta) => sum + (delta.samples / samples) * (student[i]! - delta.values[i]!), 0)
          assert.closeTo(value, mean, 1e-4)
        })
        const unsigned = (values: Float32Array) => [...values].map((value) => value + 0)
        assert.deepStrictEqual(unsigned(moved.teacher!), unsigned(start.teacher))
      }),
      { seed, numRuns: 100 }
    )
  })

  it("is SGD with Nesterov momentum: a number for number example", () => {
    const delta = (value: number): readonly Delta[] => [{ replica: 0, samples: 1, values: Float32Array.of(value) }]
    const settings = { rate: 0.5, momentum: 0.5, teacherMomentum: 0.75 }
    const start = { student: Float32Array.of(1), teacher: Float32Array.of(0), velocity: Float32Array.of(0) }
    const one = outerStep(start, delta(0.5), [], settings)
    // v = .5; θ = 1 − .5·(.5 + .5·.5) = .625; e = .25·.625
    assert.deepStrictEqual([...one.student, ...one.velocity, ...one.teacher!], [0.625, 0.5, 0.15625])
    const two = outerStep(one, delta(0.25), [], settings)
    // v = .5·.5 + .25 = .5; θ = .625 − .5·(.25 + .25) = .375
    assert.deepStrictEqual([...two.student, ...two.velocity], [0.375, 0.5])
  })

  it("keeps a parameter within its bounds", () => {
    const slot = {
      name: "t",
      shape: [1],
      size: 1,
      offset: 1,
      clamp: [0.1, 0.5],
      teacher: false,
      lrScaleInput: undefined,
      lrMultiplier: 1,
      decay: false
    }
    const start = { student: Float32Array.of(1, 0.4), teacher: new Float32Array(0), velocity: new Float32Array(2) }
    const moved = outerStep(start, [{ replica: 0, samples: 1, values: Float32Array.of(-9, -9) }], [slot as never], plain)
    assert.deepStrictEqual([...moved.student], [10, 0.5])
  })

  it("keeps the teacher of what is frozen to the bit", () => {
    const values = Array.from({ length: 64 }, (_, i) => Math.fround(Math.sin(i)))
    const slots = [{ name: "frozen", shape: [64], size: 64, offset: 0, lrMultiplier: 0, hasTeacher: true }]
    const start = { student: Float32Array.from(values), teacher: Float32Array.from(values), velocity: new Float32Array(64) }
    const still = [{ replica: 0, samples: 1, values: new Float32Array(64) }]
    const moved = outerStep(start, still, slots as never, { ...plain, teacherMomentum: 0.9 })
    assert.deepStrictEqual([moved.student, moved.teacher], [start.student, start.teacher])
  })
})

describe("deltas", () => {
  it("that are not finite or far longer than the others are rejected, and named", () => {
    const arrived = [1, 1.1, 0.9, 50, Number.NaN].map((norm, replica) => ({ replica, norm }))
    const { accepted, rejected } = judgeDeltas(arrived, 10)
    assert.deepStrictEqual(accepted, [0, 1, 2])
    assert.deepStrictEqual(
      rejected.map(({ replica, reason }) => [replica, reason]),
      [
        [3, "outlier"],
        [4, "non-finite"]
      ]
    )
  })

  it("of two replicas are measured by the earlier round's", () => {
    const arrived = [1, 50].map((norm, replica) => ({ replica, norm }))
    assert.deepStrictEqual(judgeDeltas(arrived, 10).rejected, [])
    assert.deepStrictEqual(judgeDeltas(arrived, 10, [1, 1.2]).accepted, [0])
  })

  it("have the norm that is not finite where a number is not", () => {
    assert.strictEqual(normOf(Float32Array.of(3, 4)), 5)
    assert.isNaN(normOf(Float32Array.of(3, Number.NaN)))
    assert.isFalse(Number.isFinite(normOf(Float32Array.of(3, Number.POSITIVE_INFINITY))))
  })

  it("are a quorum where they are three of four", () => {
    assert.deepStrictEqual(
      [1, 2, 3, 4, 8, 10].map((replicas) => quorumOf(replicas, 0.75)),
      [1, 2, 3, 3, 6, 8]
    )
  })
})

describe("rounds", () => {
  it("have the mean of their replicas' metrics, and their speeds together", () => {
    const line = (step: number, loss: number) => ({
      step,
      epoch: 0,
      lr: 1,
      loss,
      samplesPerSecond: 8,
      stepSeconds: 2,
      dataSeconds: 0
    })
    const merged = parseMetrics(
      meanMetrics([
        [line(1, 2), line(2, 4)],
        [line(1, 4), line(2, 5)]
      ])
    )
    assert.deepStrictEqual(
      merged.map(({ step, loss, samplesPerSecond }) => [step, loss, samplesPerSecond]),
      [
        [1, 3, 16],
        [2, 4.5, 16]
      ]
    )
  })
})
