import { assert, describe, it } from "vitest"
import { parameterLayout } from "../../../lib/model/layout.ts"
import { type Pipeline, pairs, pipeline } from "../../../lib/pipeline/pipeline.ts"
import { type TrainSettings, trainSettings } from "../../../lib/pipeline/training-settings.ts"
import { stepScalars } from "../../../lib/train/scalars.ts"
import { trainingProgram } from "../../../lib/train/step.ts"
import { judge } from "../../toy/judge.ts"
import { letters } from "../../toy/letters.ts"
import { weigh } from "../../toy/weigh.ts"

const toy = (lossWeights: TrainSettings["lossWeights"]): Pipeline =>
  pipeline("toy", pairs("toy:10"))
    .pipe(letters({ count: 6 }))
    .pipe(weigh({ scales: { name: "scales", width: 5 } }))
    .pipe(judge())
    .pipe(judge("second"))
    .train({ ...trainSettings({ batch: 4, steps: 10, learningRate: 0.1 }), lossWeights })

const programOf = (weights: TrainSettings["lossWeights"]) => {
  const made = toy(weights)
  return trainingProgram(made, parameterLayout(made), 4)
}
const inputs = (weights: TrainSettings["lossWeights"]) => programOf(weights).inputs.map(({ name }) => name)
const problem = (weights: TrainSettings["lossWeights"]): string => {
  try {
    programOf(weights)
  } catch (error) {
    return (error as { readonly problem: string }).problem
  }
  return ""
}
const late = { from: 0, to: 2, over: { steps: 4 }, start: { steps: 2 } }

describe("loss weights", () => {
  it("name losses of one kind by their stages, in the outputs too", () => {
    const { outputs } = programOf({ "judge.weight": 0.5 })
    assert.includeMembers(
      outputs.map(({ name }) => name),
      ["judge.weight", "second.weight"]
    )
  })

  it("that are unknown, ambiguous or given twice are refused with the names there are", () => {
    assert.strictEqual(problem({ mim: 1 }), "training.lossWeights.mim: there is no such loss, only judge.weight, second.weight")
    assert.strictEqual(
      problem({ weight: 1 }),
      "training.lossWeights.weight: 2 stages have it; say which: judge.weight, second.weight"
    )
    const one = { ...toy({ weight: 1, "judge.weight": 1 }) }
    const alone = { ...one, stages: one.stages.filter(({ as }) => as !== "second") }
    assert.throws(
      () => trainingProgram(alone, parameterLayout(alone), 4),
      "training.lossWeights.weight: the same loss as judge.weight; give one of them"
    )
  })

  it("that are numbers are no inputs of the program; those that follow a schedule are, and are fed at each step", () => {
    assert.notInclude(inputs({ "judge.weight": 0.5 }), "scalar/lossWeight.judge.weight")
    assert.include(inputs({ "judge.weight": late }), "scalar/lossWeight.judge.weight")
    const values = [0, 2, 3, 4, 6, 9].map(
      (step) => stepScalars(toy({ "judge.weight": late }), step, 10).feeds["scalar/lossWeight.judge.weight"]![0]
    )
    assert.deepEqual(values, [0, 0, 0.5, 1, 2, 2])
  })
})
