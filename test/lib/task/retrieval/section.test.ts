import { assert, describe, it } from "@effect/vitest"
import type { Expected } from "../../../../lib/pipeline/expected.ts"
import type { Json } from "../../../../lib/pipeline/stage.ts"
import { report } from "../../../../lib/report/report.ts"
import type { Leading } from "../../../../lib/task/retrieval/leading.ts"
import { measuredRetrieval, retrievalReport, sampleData } from "../../report/data.ts"

const bySeed = (...values: readonly number[]) => ({
  ...{ tr1: values, tr5: values, tr10: values },
  ...{ ir1: values, ir5: values, ir10: values }
})
const expected: Expected = {
  seeds: [0, 1, 2],
  metrics: { retrieval: { ...bySeed(48, 50, 53), tr10: [99, 100, 100], ir1: [24, 25, 27] } },
  processor: "x64-avx2",
  measured: "onnx, 2 threads"
}
const metrics = measuredRetrieval.metrics as { readonly dual: Readonly<Record<string, number>> }
const led = (ranking: Leading["ranking"], more: Partial<Leading> = {}) => {
  const dual = { ...metrics.dual, tr1: 10 }
  const leading: Leading = { ranking, candidates: 10, reason: "of <this>", validation: null, ...more }
  const measured = { ...measuredRetrieval, metrics: { ...metrics, dual, leading } as unknown as Json }
  return report({ ...sampleData, tasks: [retrievalReport(measured)] })
}
const beside = (expected: Expected) => report({ ...sampleData, tasks: [retrievalReport(measuredRetrieval, { expected })] })
const rowNames = (page: string): readonly string[] => {
  const table = /<table class="numbers recalls">.*?<\/table>/s.exec(page)![0]
  return [...table.matchAll(/<th scope="row">([^<]*)/g)].map((match) => match[1]!)
}

describe("the retrieval of a report", () => {
  it("leads with the ranking that was chosen, in its table, its first figures and its words", () => {
    const reranked = led("re-ranked")
    assert.deepStrictEqual(rowNames(reranked), ["re-ranked among 4", "cosine alone", "guessing"])
    assert.include(reranked, "<p>Leading: re-ranked among 4, since of &lt;this&gt;.</p>")
    assert.include(reranked, "<b>50.0 %</b><span>text for an image, @1</span>")
    const cosine = led("cosine")
    assert.deepStrictEqual(rowNames(cosine), ["cosine alone", "re-ranked among 4", "guessing"])
    assert.include(cosine, "<b>10.0 %</b><span>text for an image, @1</span>")
    assert.include(cosine, "<p>Leading: cosine alone, since ")
  })

  it("says nothing of re-ranking where no pairs are scored", () => {
    const page = led("cosine", { candidates: 0 })
    assert.deepStrictEqual(rowNames(page), ["cosine alone", "guessing"])
    assert.notInclude(page, "Re-ranking")
  })

  it("warns of a matching head that has learnt nothing", () => {
    const page = led("cosine", { untrained: { name: "itm", loss: 0.64, guess: 0.6365 } })
    assert.include(page, '<p class="warning">The matching head has learnt nothing: its loss &#39;itm&#39; ended at 0.6400')
    assert.notInclude(led("cosine"), 'class="warning"')
  })

  it("shows beside a run's figures how far a seed moves them", () => {
    const page = beside(expected)
    assert.deepStrictEqual(rowNames(page), ["re-ranked", "cosine alone", "3 seeds", "guessing"])
    assert.match(page, /3 seeds<\/th><td>50\.3<br><small>48\.0–53\.0<\/small><\/td>/)
    assert.include(page, "<small>guessing 25.0 %, 3 seeds 48.0–53.0</small>")
    assert.include(page, "(0, 1, 2) had the mean and range in the row “3 seeds”, measured on x64-avx2 (onnx, 2 threads).")
    assert.notInclude(report(sampleData), "3 seeds")
  })

  it("says which figures lie further from what seeds had than seeds lie apart", () => {
    const page = beside(expected)
    // 75 is far from 48–53, and so is 100 in the last column; 50, 25 and 100 of the others are not.
    assert.include(page, '<p class="warning">Further from that range than it is wide: text @5, image @10.</p>')
    const recalls = { ...bySeed(50, 60, 76), ir1: [25, 26, 27], tr10: [99, 100, 100], ir10: [98, 99, 100] }
    const own = { ...expected, metrics: { retrieval: recalls } }
    assert.notInclude(beside(own), "Further from that range")
  })
})
