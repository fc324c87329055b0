import { assert, describe, it } from "@effect/vitest"
import { resultText } from "../../../lib/cli/result-text.ts"
import { definition as retrieval } from "../../../lib/task/retrieval/index.ts"

const recalls = { tr1: 10, tr5: 20, tr10: 30, ir1: 11, ir5: 21, ir10: 31 }
const dual = { ...recalls, tr1: 12.5, ir1: 13 }
const leading = { ranking: "cosine", candidates: 10, reason: "re-ranking was worse", validation: null }
const metrics = { images: 40, texts: 40, ...recalls, dual, leading }
const details = {
  ...{ data: { name: "toy", digest: "00" }, seconds: 2, skipped: [], notes: ["some are seen"] },
  ...{ candidates: 10, examples: { textsOfImages: [], imagesOfTexts: [] } }
}
const evaluation = {
  model: { pipeline: "toy", weights: "student", step: 2 },
  measured: { retrieval: { metrics, details } },
  failed: { tally: "it was told to" }
} as const
const result = { folder: "run", report: "run/report.html", evaluation }
const tasks = { retrieval }

describe("what a run came to", () => {
  it("is what its tasks say: of retrieval the ranking that was chosen first, and why", () => {
    assert.deepStrictEqual(resultText(result, tasks, false).split("\n"), [
      "recall, %           TR@1   TR@5   TR@10  IR@1   IR@5   IR@10",
      "cosine alone        12.50  20.00  30.00  13.00  21.00  31.00",
      "re-ranked among 10  10.00  20.00  30.00  11.00  21.00  31.00",
      "leading: cosine alone, since re-ranking was worse",
      "40 images and 40 texts of toy in 2.0 s",
      "some are seen",
      "report: run/report.html"
    ])
  })

  it("is each task's metrics as JSON, and only the report where nothing was measured", () => {
    const { folder, report } = result
    assert.deepStrictEqual(JSON.parse(resultText(result, tasks, true)), { folder, report, retrieval: metrics })
    assert.strictEqual(resultText({ ...result, evaluation: undefined }, tasks, false), "report: run/report.html")
  })
})
