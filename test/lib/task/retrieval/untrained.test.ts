import { assert, describe, it } from "@effect/vitest"
import { noStages } from "../../../../lib/pipeline/task.ts"
import type { MetricsLine } from "../../../../lib/run-folder/metrics.ts"
import { untrainedMatching } from "../../../../lib/task/retrieval/untrained.ts"
import { tiny } from "../../../../pipelines/tiny.ts"
import { tinyPipeline, tinyScore } from "../tiny-pipeline.ts"

const { chain } = tiny.tasks[0]!
const guess = 0.6365141682948128
const lines = (...itm: readonly (number | undefined)[]): readonly MetricsLine[] =>
  itm.map((value, i) => {
    const rest = { step: i + 1, epoch: 0, lr: 1, loss: 9, samplesPerSecond: 1, stepSeconds: 1, dataSeconds: 0 }
    return value === undefined ? rest : { ...rest, itm: value }
  })
const times = (count: number, value: number): readonly number[] => Array.from({ length: count }, () => value)

describe("a matching head that has learnt nothing", () => {
  it("is one whose loss ended no lower than a constant guess's", () => {
    const found = untrainedMatching(tiny, chain, lines(0.7, ...times(9, 0.6371)))
    assert.strictEqual(found?.name, "itm")
    assert.closeTo(found!.loss, 0.6371, 1e-6)
    assert.closeTo(found!.guess, guess, 1e-9)
    assert.isDefined(untrainedMatching(tiny, chain, lines(...times(20, 0.99 * guess + 1e-6))))
    assert.isDefined(untrainedMatching(tiny, chain, lines(0.9)))
  })

  it("is not one whose loss ended lower, however it began, nor one lucky line", () => {
    assert.isUndefined(untrainedMatching(tiny, chain, lines(...times(50, 0.64), ...times(10, 0.6))))
    assert.isUndefined(untrainedMatching(tiny, chain, lines(...times(20, 0.99 * guess - 1e-6))))
    assert.isDefined(untrainedMatching(tiny, chain, lines(...times(100, 0.64), 0.62)))
  })

  it("is not spoken of where nothing is known: no metrics, no such loss, no number", () => {
    assert.isUndefined(untrainedMatching(tiny, chain, []))
    assert.isUndefined(untrainedMatching(tiny, chain, lines(undefined, undefined)))
    const torn = JSON.parse('[{"step":1,"itm":null}]') as readonly MetricsLine[]
    assert.isUndefined(untrainedMatching(tiny, chain, torn))
    assert.isDefined(untrainedMatching(tiny, chain, [...lines(...times(5, 0.64)), ...torn]))
  })

  it("is none where the pipeline does not train what scores pairs, or scores none", () => {
    const metrics = lines(...times(9, 0.64))
    assert.isUndefined(untrainedMatching(tinyPipeline, tinyScore, metrics))
    assert.isUndefined(untrainedMatching(tiny, noStages, metrics))
  })

  it("is not told by a guess that another stage declares", () => {
    const stages = tiny.stages.map((stage) =>
      stage.kind === "tensor" && stage.stage === "mask" ? { ...stage, guesses: { loss: 1 } } : stage
    )
    assert.isUndefined(untrainedMatching({ ...tiny, stages }, chain, lines(...times(9, 0.1))))
  })
})
