import { assert, describe, it } from "vitest"
import { parameterLayout } from "../../../lib/model/layout.ts"
import { adamwScalars } from "../../../lib/train/adamw.ts"
import { stepScalars } from "../../../lib/train/scalars.ts"
import { learningRateAt, progressAt } from "../../../lib/train/schedule.ts"
import { trainingProgram } from "../../../lib/train/step.ts"
import { tiny } from "../../../pipelines/tiny.ts"

describe("stepScalars", () => {
  const { lr, feeds } = stepScalars(tiny, 30, 32)

  it("has the step's learning rate and AdamW's corrections of the update that follows", () => {
    const settings = tiny.training
    assert.strictEqual(lr, learningRateAt(settings, progressAt(settings, 30, 32)))
    for (const [name, value] of Object.entries({ ...adamwScalars(31, lr, settings), momentum: settings.momentum }))
      assert.deepEqual(feeds[`scalar/${name}`], Float32Array.of(value))
  })

  it("feeds every scalar that the training program asks for, and no other", () => {
    const program = trainingProgram(tiny, parameterLayout(tiny), tiny.training.batch)
    const asked = program.inputs.filter(({ name, source }) => name.startsWith("scalar/") && "feed" in source)
    assert.deepEqual(Object.keys(feeds).sort(), asked.map(({ name }) => name).sort())
  })

  it("follows the stages' own schedules", () => {
    const alpha = [0, 1, 2, 50].map((step) => stepScalars(tiny, step, 32).feeds["scalar/align.alpha"]![0]!)
    assert.deepEqual(
      alpha,
      [...alpha].sort((a, b) => a - b)
    )
    assert.strictEqual(alpha[0], 0)
    assert.closeTo(alpha[3]!, 0.4, 1e-6)
  })
})
