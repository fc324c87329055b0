import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Expected } from "../../../lib/pipeline/expected.ts"
import { loadPipeline } from "../../../lib/pipeline/load.ts"
import { overridden } from "../../../lib/pipeline/override.ts"
import { type Pipeline, pipelineDigest, toData } from "../../../lib/pipeline/pipeline.ts"
import { differences } from "../../../lib/run-folder/run-folder.ts"
import { emoji } from "../../../pipelines/emoji.ts"
import { emojiFull } from "../../../pipelines/emoji-full.ts"
import { toyPipeline, toyTables } from "../../toy/pipeline.ts"
import { tally } from "../../toy/tally.ts"

const bySeed = [10, 11, 12.5]
const expected: Expected = {
  seeds: [0, 1, 2],
  metrics: { tally: { counted: bySeed, missed: bySeed } },
  processor: "x64-avx2",
  measured: "toy"
}
const toy: Pipeline = { ...toyPipeline(), tasks: [tally()], expected }
const after = (...sets: readonly string[]) => overridden(toy, sets, toyTables).expected

describe("what is expected of a pipeline", () => {
  it("is part of it as data, and not of its digest: what is computed does not depend on it", () => {
    assert.deepStrictEqual(loadPipeline(JSON.parse(JSON.stringify(toData(toy))), toyTables).expected, expected)
    assert.strictEqual(pipelineDigest(toy), pipelineDigest({ ...toyPipeline(), tasks: [tally()] }))
    assert.notProperty(toData(toyPipeline()), "expected")
  })

  it("stays with other seeds, and with settings that move no figure", () => {
    const sets = ["seed=5", "logEvery=3", "checkpointEvery=1", "validateEvery=2", "keepLast=9", "microBatch=2", "batch=4"]
    assert.deepStrictEqual(after(...sets), expected)
  })

  it("is gone with settings, data or stages that are others", () => {
    for (const set of ["steps=11", "learningRate=1", "tally.samples=7", "source.train=toy:9", "weigh.scales.width=6"])
      assert.isUndefined(after(set), set)
    assert.isUndefined(after("seed=5", "steps=11"))
  })

  it("keeps no run from being resumed once it is measured anew", () => {
    const other = { ...toData(toy), expected: { ...expected, measured: "again" } }
    assert.deepStrictEqual(differences(toData(toy), other), [])
    assert.deepStrictEqual(differences(toData({ ...toyPipeline(), tasks: [tally()] }), other), [])
  })

  it("has three seeds at least, and a value for each", () => {
    const accepts = (given: object): boolean => Schema.is(Expected)({ ...expected, ...given })
    assert.isTrue(accepts({}))
    assert.isFalse(accepts({ seeds: [0, 1] }))
    assert.isFalse(accepts({ metrics: { tally: { missed: [1, 2, 3, 4] } } }))
    assert.isFalse(accepts({ metrics: { tally: { missed: [1, 2, "many"] } } }))
  })

  it("is known of emoji, and of no pipeline that only borrows its settings", () => {
    assert.isDefined(emoji.expected)
    assert.isTrue(Schema.is(Expected)(emoji.expected))
    assert.isUndefined(emojiFull.expected)
  })
})
