import { assert, describe, it } from "@effect/vitest"
import { heldOutKey, testSamples, validationOf } from "../../../lib/task/held-out.ts"
import { someOf } from "../../../lib/task/subset.ts"
import { toySource } from "../../toy/source.ts"
import { tinyPipeline } from "./tiny-pipeline.ts"

const test = (count: number) => ({ setting: "tally.samples", count })
const lacking = (of: number, count: number): string | undefined => {
  const found = validationOf(toySource(of), tinyPipeline, test(count))
  return "lacks" in found ? found.lacks : undefined
}

describe("held-out samples", () => {
  it("are measured as the seed draws them", () => {
    const source = testSamples(toySource(40), tinyPipeline, test(8))
    const drawn = someOf(toySource(40), 8, heldOutKey(tinyPipeline))
    const ids = (of: typeof source) => Array.from({ length: of.count }, (_, i) => of.id(i))
    assert.deepStrictEqual(ids(source), ids(drawn))
  })

  it("to choose by are others than those: as many, 20 at least and 400 at most, 100 where none are measured", () => {
    const counts = [5, 64, 900, 0].map((count) => {
      const found = validationOf(toySource(4000), tinyPipeline, test(count))
      return "source" in found ? found.source.count : 0
    })
    assert.deepStrictEqual(counts, [20, 64, 400, 100])
  })

  it("to choose by are lacking, in words, where none are left, or too few", () => {
    assert.strictEqual(lacking(32, 32), "all 32 held-out samples of toy:32 are measured (tally.samples=32)")
    assert.strictEqual(lacking(32, 400), "all 32 held-out samples of toy:32 are measured (tally.samples=400)")
    // Samples of the toy source share groups by threes.
    assert.strictEqual(
      lacking(99, 80),
      "0 of the 99 held-out samples of toy:99 are apart from those measured (tally.samples=80), fewer than 20"
    )
    assert.isUndefined(lacking(999, 80))
  })
})
