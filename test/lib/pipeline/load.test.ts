import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { WiringError } from "../../../lib/pipeline/errors.ts"
import { loadPipeline } from "../../../lib/pipeline/load.ts"
import { type PipelineData, pipelineDigest, toData } from "../../../lib/pipeline/pipeline.ts"
import { seed } from "../../seed.ts"
import { toyPipeline, toyTables } from "../../toy/pipeline.ts"

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const data = toData(toyPipeline())
const problem = (given: unknown): string => {
  try {
    loadPipeline(given, toyTables)
  } catch (error) {
    assert.instanceOf(error, WiringError)
    return (error as WiringError).problem
  }
  throw new Error("loaded")
}
const withStages = (change: (stages: PipelineData["stages"]) => unknown) => ({ ...data, stages: change(data.stages) })

describe("loadPipeline", () => {
  it("gives the pipeline that was written, with the same digest", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 40 }), (batch, count) => {
        const written = toyPipeline({ batch, count })
        const loaded = loadPipeline(json(toData(written)), toyTables)
        assert.deepStrictEqual(toData(loaded), toData(written))
        assert.strictEqual(pipelineDigest(loaded), pipelineDigest(written))
        assert.deepStrictEqual(loaded.sizes, written.sizes)
        assert.deepStrictEqual(loaded.fields, written.fields)
        assert.deepStrictEqual(
          loaded.stages.map(({ stage, as }) => [stage, as]),
          [
            ["letters", "letters"],
            ["momentum(weigh)", "teacher.weigh"],
            ["weigh", "weigh"],
            ["judge", "judge"]
          ]
        )
      }),
      { seed, numRuns: 20 }
    )
  })

  it("says the compiler's sentences", () => {
    assert.strictEqual(
      problem(withStages((stages) => stages.slice(1))),
      "momentum(weigh) reads 'letters' (int32[batch, letters]), which no stage before it adds"
    )
    assert.strictEqual(
      problem(withStages(([letters, ...others]) => [...others.slice(0, 0), letters, letters])),
      "letters adds 'letters', which is there already"
    )
    assert.strictEqual(
      problem(withStages(([letters, , weigh]) => [letters, weigh, { ...letters, as: "again" }])),
      "letters works on samples, so it must stand before the first tensor stage"
    )
  })

  it("names a stage that no table has, and a setting that no stage takes", () => {
    assert.strictEqual(
      problem(withStages(([letters]) => [{ ...letters, stage: "toString" }])),
      "there is no stage 'toString', only judge, letters, weigh"
    )
    assert.strictEqual(
      problem(withStages(([letters]) => [{ ...letters, settings: { count: 3, size: 4 } }])),
      "letters has no setting 'size'"
    )
    assert.match(
      problem(withStages(([letters]) => [{ ...letters, settings: { count: 0 } }])),
      /^letters: Expected .* at \["count"\]$/
    )
    assert.strictEqual(
      problem(withStages(([letters]) => [{ ...letters, weights: "teacher" }])),
      "letters works on samples, so it has no parameters to run with momentum or frozen"
    )
  })

  it("refuses what is no pipeline in one line", () => {
    for (const given of [null, 1, "text", [], {}, { ...data, training: { batch: "four" } }, { ...data, extra: 1 }]) {
      assert.notInclude(problem(given), "\n")
    }
    assert.match(problem({ ...data, training: { ...data.training, batch: "four" } }), /at \["training"\]\["batch"\]/)
  })

  it("refuses a pipeline of another format in one line that says what to do", () => {
    const { format, ...older } = data as { readonly format: number }
    assert.strictEqual(format, 2)
    assert.strictEqual(
      problem(older),
      "its pipeline is of format 1, written by an older semmim: use it with that version, or run the pipeline anew with this one"
    )
    assert.strictEqual(
      problem({ ...older, format: 3 }),
      "its pipeline is of format 3, and this semmim reads format 2: use it with the newer version that wrote it"
    )
  })

  it("refuses a name that a frozen set cannot have", () => {
    const called = (frozen: string) =>
      problem(withStages(([letters, , weigh]) => [letters!, { ...weigh!, weights: { frozen, from: "runs/a", digest: null } }]))
    assert.strictEqual(called("teacher"), "a frozen set cannot be called 'teacher', as one that is trained is")
    assert.match(called("../up"), /letters, digits/)
  })

  it("refuses names that could reach a prototype, wherever they are", () => {
    const polluted = JSON.parse(JSON.stringify(data).replace('"count":6', '"count":6,"__proto__":{"polluted":true}'))
    assert.strictEqual(problem(polluted), "'stages.0.settings.__proto__' is not a name that anything can have")
    assert.match(problem({ ...data, training: { ...data.training, lossWeights: { constructor: 1 } } }), /constructor/)
    assert.notProperty({}, "polluted")
  })
})
