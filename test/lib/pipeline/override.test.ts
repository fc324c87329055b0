import { assert, describe, it } from "@effect/vitest"
import { Runtime } from "effect"
import fc from "fast-check"
import { UsageError } from "../../../lib/error/usage-error.ts"
import { overridden } from "../../../lib/pipeline/override.ts"
import { pipelineDigest, toData } from "../../../lib/pipeline/pipeline.ts"
import { seed } from "../../seed.ts"
import { ruledPipeline, toyPipeline, toyTables } from "../../toy/pipeline.ts"

const toy = toyPipeline()
const set = (...sets: readonly string[]) => overridden(toy, sets, toyTables)
const problem = (...sets: readonly string[]): string => {
  try {
    set(...sets)
  } catch (error) {
    assert.instanceOf(error, UsageError)
    assert.strictEqual((error as UsageError)[Runtime.errorExitCode], 2)
    return (error as UsageError).problem
  }
  throw new Error("accepted")
}

describe("overridden", () => {
  it("changes settings of the run, with or without the word training", () => {
    assert.strictEqual(set("batch=2").training.batch, 2)
    assert.strictEqual(set("training.learningRate=1e-4").training.learningRate, 1e-4)
    assert.deepStrictEqual(set("training.lossWeights.loss=0.5").training.lossWeights, { loss: 0.5 })
    assert.strictEqual(set("batch=2", "batch=3").training.batch, 3)
  })

  it("takes keys with dots in them where an object has any names, and what is inside them", () => {
    assert.deepStrictEqual(set("lossWeights.judge.weight=0.5", "lossWeights.a.b=2").training.lossWeights, {
      "judge.weight": 0.5,
      "a.b": 2
    })
    const ramp = { from: 0, to: 1, over: { epochs: 2 } }
    assert.deepStrictEqual(
      set(`lossWeights.judge.weight=${JSON.stringify(ramp)}`, "lossWeights.judge.weight.to=3").training.lossWeights,
      { "judge.weight": { ...ramp, to: 3 } }
    )
    assert.deepStrictEqual(set('learningRates=[{"match":"scales.*","scale":0}]').training.learningRates, [
      { match: "scales.*", scale: 0 }
    ])
  })

  it("changes the source and a stage's settings, by its name", () => {
    assert.strictEqual(set("source.train=toy:99").source.train, "toy:99")
    assert.strictEqual(set("source.train=99").source.train, "99")
    assert.strictEqual(set("letters.count=3").sizes["letters"], 3)
  })

  it("changes an object with a name wherever it stands", () => {
    const widths = (sets: string) =>
      set(sets)
        .stages.slice(1, 3)
        .map(({ settings }) => settings)
    const wide = { scales: { name: "scales", width: 9, depth: 1 } }
    assert.deepStrictEqual(widths("weigh.scales.width=9"), [wide, wide])
    assert.deepStrictEqual(widths("teacher.weigh.scales.width=9"), [wide, wide])
  })

  it("changes a frozen set's objects apart from those that are trained", () => {
    const ruled = overridden(ruledPipeline("runs/ruler"), ["weigh.scales.depth=2", "ruler.weigh.scales.depth=3"], toyTables)
    const depths = ruled.stages.slice(1, 4).map(({ settings }) => (settings as { scales: { depth: number } }).scales.depth)
    assert.deepStrictEqual(depths, [2, 3, 2])
  })

  it("changes any other setting of a stage in the one place that is named", () => {
    const others = (sets: string) =>
      set(sets)
        .stages.slice(1, 3)
        .map(({ settings }) => (settings as { readonly other?: string | null }).other)
    assert.deepStrictEqual(others("weigh.other=x"), [undefined, "x"])
    assert.deepStrictEqual(others("teacher.weigh.other=x"), ["x", undefined])
    assert.deepStrictEqual(others("weigh.other=null"), [undefined, null])
  })

  it("leaves the given pipeline as it is, and the digest where nothing changed", () => {
    const before = pipelineDigest(toy)
    set("letters.count=3", "weigh.scales.width=9")
    assert.strictEqual(pipelineDigest(toy), before)
    assert.strictEqual(pipelineDigest(set("batch=4")), before)
    assert.strictEqual(set(), toy)
  })

  it("says in one line which path is wrong and what was expected", () => {
    assert.strictEqual(problem("batch=two"), '--set batch: expected whole number ≥ 1, got "two"')
    assert.strictEqual(problem("training.momentum=1.5"), "--set training.momentum: expected number 0 to 1, got 1.5")
    assert.strictEqual(problem("letters.length=3"), "--set letters.length: there is no setting 'length'; expected one of count")
    assert.strictEqual(problem("letters.count.x=3"), "--set letters.count.x: there is no setting 'x'; expected no further name")
    assert.strictEqual(
      problem("speed=3"),
      "--set speed: 'speed' is no training setting, no task and no stage; paths begin with training, source, letters, teacher.weigh, weigh, judge"
    )
    for (const text of ["", "=", "=3", "batch", "batch.=3", ".batch=3"])
      assert.strictEqual(problem(text), `--set ${text}: expected PATH=VALUE, e.g. batch=32`)
    assert.strictEqual(problem('weigh.scales={"name":"scales"}').split(",")[0], "--set weigh.scales: expected object of name")
  })

  it("refuses names that could reach a prototype", () => {
    for (const path of [
      "__proto__.polluted",
      "letters.__proto__.polluted",
      "letters.constructor",
      "training.lossWeights.prototype"
    ])
      assert.match(problem(`${path}=1`), /'(__proto__|constructor|prototype)' is not a name that a setting can have/)
    assert.match(problem('training.lossWeights={"__proto__":1}'), /__proto__/)
    assert.notProperty({}, "polluted")
  })

  it("gives a pipeline that loads or a usage error, whatever is typed", () => {
    const name = fc.constantFrom(
      "batch",
      "training",
      "letters",
      "weigh",
      "count",
      "scales",
      "width",
      "source",
      "train",
      "toString",
      ""
    )
    const text = fc
      .tuple(fc.array(name, { maxLength: 4 }), fc.oneof(fc.string(), fc.json()))
      .map(([path, value]) => `${path.join(".")}=${value}`)
    fc.assert(
      fc.property(text, (text) => {
        try {
          assert.isObject(toData(set(text)))
        } catch (error) {
          assert.instanceOf(error, UsageError)
          assert.notInclude((error as UsageError).problem.replace(text, ""), "\n")
        }
      }),
      { seed, numRuns: 300 }
    )
  })
})
