import { assert, describe, it } from "@effect/vitest"
import { bind } from "../../../lib/pipeline/bind.ts"
import { WiringError } from "../../../lib/pipeline/errors.ts"
import { loadPipeline } from "../../../lib/pipeline/load.ts"
import { overridden } from "../../../lib/pipeline/override.ts"
import { pairs, pipeline, pipelineDigest, toData } from "../../../lib/pipeline/pipeline.ts"
import { images } from "../../../lib/pipeline/sample-kinds.ts"
import { settingRows } from "../../../lib/pipeline/setting-rows.ts"
import { show } from "../../../lib/tensor/field.ts"
import { replicaPipeline } from "../../../lib/train/rounds/replica-pipeline.ts"
import { judge } from "../../toy/judge.ts"
import { letters } from "../../toy/letters.ts"
import { partedPipeline } from "../../toy/parted.ts"
import { toyPipeline, toyTables } from "../../toy/pipeline.ts"
import { weigh } from "../../toy/weigh.ts"

const model = weigh({ scales: { name: "scales", width: 5 } })
const begun = () =>
  pipeline("toy", pairs("toy:10")).source("others", pairs("toy:7"), { batch: 2 }, (own) => own.pipe(letters({ count: 6 })))

const problem = (make: () => unknown): string => {
  try {
    make()
  } catch (error) {
    if (error instanceof WiringError) return error.message
    throw error
  }
  throw new Error("nothing was refused")
}

describe("a part of the batch", () => {
  it("gives its tensors to the main chain under its name, with its batch, and nothing else", () => {
    const { fields, sizes, parts } = partedPipeline({ others: 3 })
    const shown = Object.entries(fields).map(([name, field]) => `${name} ${show(field)}`)
    assert.deepStrictEqual(
      shown.filter((each) => each.startsWith("others.")),
      ["others.letters int32[others.batch, letters]", "others.weights float32[others.batch, width]"]
    )
    assert.include(shown, "letters int32[batch, letters]")
    assert.strictEqual(sizes["letters"], 6)
    assert.strictEqual(parts!["others"]!.batch, 3)
  })

  it("is refused by the sentences of the compiler where a stage does not fit", () => {
    const main = "toy: weigh reads 'others.letters' as int32[batch, letters], but here it is int32[others.batch, letters]"
    const unbound = bind(model, { reads: { letters: "others.letters" } })
    assert.strictEqual(
      // @ts-expect-error weigh reads 'others.letters' as int32[batch, letters], but here it is int32[others.batch, letters]
      problem(() => begun().pipe(unbound)),
      main
    )
    assert.strictEqual(
      problem(() =>
        pipeline("toy", pairs("toy:10")).source("others", images("toy:7"), { batch: 2 }, (own) =>
          // @ts-expect-error letters reads 'captions' (strings), which no stage before it adds
          own.pipe(letters({ count: 6 }))
        )
      ),
      "toy.others: letters reads 'captions' (strings), which no stage before it adds"
    )
    assert.strictEqual(
      problem(() =>
        pipeline("toy", pairs("toy:10")).source("others", pairs("toy:7"), { batch: 2 }, (own) =>
          // @ts-expect-error weigh works on batches, so it must stand in the main chain
          own.pipe(letters({ count: 6 })).pipe(model)
        )
      ),
      "toy.others: weigh works on batches, so it must stand in the main chain"
    )
  })

  it("can be followed by others after a bound stage that adds nothing", () => {
    const bound = bind(judge(), { reads: { weights: "others.weights" }, dims: { batch: "others.batch" } })
    const adds: Record<keyof (typeof bound)["adds"], never> = {}
    assert.deepStrictEqual(Object.keys(bound.adds), Object.keys(adds))
  })

  it("has the sizes of the main chain, or is refused by name", () => {
    assert.strictEqual(
      problem(() => begun().pipe(letters({ count: 5 }))),
      "toy: letters makes 'letters' 5, but others.letters made it 6"
    )
    const more = () => begun().source("more", pairs("toy:7"), { batch: 2 }, (own) => own.pipe(letters({ count: 4 })))
    assert.strictEqual(problem(more), "toy.more: letters makes 'letters' 4, but others.letters made it 6")
  })

  it("has a name of its own and a batch that is a whole number", () => {
    const named = (name: string, batch = 2) => problem(() => begun().source(name, pairs("toy:7"), { batch }, (own) => own))
    assert.strictEqual(named("others"), "toy.others: two parts are called 'others'; give one of them another name")
    assert.strictEqual(named("training"), "toy.training: a part cannot be called 'training'; give it another name")
    assert.strictEqual(named("a.b"), "toy.a.b: 'a.b' is no name for a part: letters and digits, a letter first")
    assert.strictEqual(named("more", 0), "toy.more: more.batch: expected a whole number ≥ 1, got 0")
    assert.strictEqual(
      problem(() => begun().pipe(letters({ count: 6 }, "others.letters"))),
      "toy: 'others.letters' would be taken for something of the part 'others'; give it another name"
    )
  })

  it("is data, and the same pipeline again from it", () => {
    const given = partedPipeline()
    const data = JSON.parse(JSON.stringify(toData(given)))
    assert.deepStrictEqual(data.parts, {
      others: {
        source: { train: "toy:7", heldOut: null },
        batch: 2,
        stages: [{ stage: "letters", as: "letters", settings: { count: 6 } }]
      }
    })
    const loaded = loadPipeline(data, toyTables)
    assert.deepStrictEqual(toData(loaded), toData(given))
    assert.deepStrictEqual(loaded.fields, given.fields)
    assert.strictEqual(pipelineDigest(loaded), pipelineDigest(given))
    assert.notStrictEqual(pipelineDigest(partedPipeline({ others: 3 })), pipelineDigest(given))
    assert.notProperty(toData(toyPipeline()), "parts")
  })

  it("has settings: its batch, its source and those of its stages", () => {
    const sets = ["others.batch=3", "others.source.train=toy:9", "others.letters.count=4", "letters.count=4"]
    const { parts } = overridden(partedPipeline(), sets, toyTables)
    const { batch, source, stages } = parts!["others"]!
    assert.deepStrictEqual([batch, source.train, stages[0]!.settings], [3, "toy:9", { count: 4 }])
    const listed = settingRows(toData(partedPipeline()), toyTables).map(({ path }) => path)
    assert.includeMembers([...listed], ["others.batch", "others.source.train", "others.letters.count"])
    assert.throws(() => overridden(partedPipeline(), ["others.batch=0"], toyTables), /others\.batch: expected/)
    assert.throws(
      () => overridden(partedPipeline(), ["others.size=2"], toyTables),
      /no setting 'size'; expected one of source, batch/
    )
  })

  it("is shared by replicas like the batch, or refused in one line", () => {
    const shared = replicaPipeline(partedPipeline({ batch: 4, others: 6 }), 2)
    assert.deepStrictEqual([shared.training.batch, shared.parts!["others"]!.batch], [2, 3])
    assert.strictEqual(
      problem(() => replicaPipeline(partedPipeline({ batch: 4, others: 3 }), 2)),
      "parted: others.batch, 3, cannot be shared by 2 replicas"
    )
  })
})
