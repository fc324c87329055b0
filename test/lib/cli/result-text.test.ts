import { assert, describe, it } from "@effect/vitest"
import { resultText } from "../../../lib/cli/result-text.ts"

const recalls = { tr1: 10, tr5: 20, tr10: 30, ir1: 11, ir5: 21, ir10: 31 }
const dual = { ...recalls, tr1: 12.5, ir1: 13 }
const leading = { ranking: "cosine", candidates: 10, reason: "re-ranking was worse", validation: null }
const found = { retrieval: { images: 40, texts: 40, ...recalls, dual, leading }, report: "run/report.html" }

describe("what a submission came to", () => {
  it("leads with the ranking that was chosen, and says why", () => {
    assert.deepStrictEqual(resultText(found, false, "run").split("\n"), [
      "cosine alone TR@1 12.50 IR@1 13.00, re-ranked among 10 TR@1 10.00 IR@1 11.00",
      "leading: cosine alone, since re-ranking was worse",
      "report: run/report.html"
    ])
    const { leading: _, ...old } = found.retrieval
    assert.deepStrictEqual(resultText({ ...found, retrieval: old }, false, "run").split("\n"), [
      "re-ranked TR@1 10.00 IR@1 11.00, cosine alone TR@1 12.50 IR@1 13.00",
      "report: run/report.html"
    ])
  })

  it("is the evaluation's own record as JSON, and only the report where nothing was evaluated", () => {
    assert.deepStrictEqual(JSON.parse(resultText(found, true, "run")), { folder: "run", ...found })
    assert.strictEqual(resultText({ ...found, retrieval: null }, false, "run"), "report: run/report.html")
  })
})
