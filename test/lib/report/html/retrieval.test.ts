import { assert, describe, it } from "@effect/vitest"
import type { Leading } from "../../../../lib/evaluate/leading.ts"
import { report } from "../../../../lib/report/html/report.ts"
import { sampleData } from "./data.ts"

const evaluation = sampleData.evaluation!
const led = (ranking: Leading["ranking"], more: Partial<Leading> = {}) => {
  const dual = { ...evaluation.retrieval.dual, tr1: 10 }
  const leading: Leading = { ranking, candidates: 10, reason: "of <this>", validation: null, ...more }
  return report({ ...sampleData, evaluation: { ...evaluation, retrieval: { ...evaluation.retrieval, dual, leading } } })
}
const rowNames = (page: string): readonly string[] => {
  const table = /<table class="numbers recalls">.*?<\/table>/s.exec(page)![0]
  return [...table.matchAll(/<th scope="row">([^<]*)/g)].map((match) => match[1]!)
}

describe("the retrieval of a report", () => {
  it("leads with the ranking that was chosen, in its table, its first figures and its words", () => {
    const reranked = led("re-ranked")
    assert.deepStrictEqual(rowNames(reranked), ["re-ranked among 4", "cosine alone", "guessing"])
    assert.include(reranked, "<p>Leading: re-ranked among 4, since of &lt;this&gt;.</p>")
    assert.include(reranked, "<b>50.0 %</b><span>text for a picture, @1</span>")
    const cosine = led("cosine")
    assert.deepStrictEqual(rowNames(cosine), ["cosine alone", "re-ranked among 4", "guessing"])
    assert.include(cosine, "<b>10.0 %</b><span>text for a picture, @1</span>")
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
})
