import { readFileSync } from "node:fs"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { reference } from "../../../lib/engine/reference/engine.ts"
import { gatherReport, writeReport } from "../../../lib/report/gather.ts"
import { environmentPairs } from "../../../lib/report/gather-facts.ts"
import { appendMetrics } from "../../../lib/run-folder/metrics.ts"
import { writeEvaluation } from "../../../lib/task/evaluation.ts"
import { definition as retrieval } from "../../../lib/task/retrieval/index.ts"
import { temporaryFolder } from "../../temporary-folder.ts"
import { openTinyModel, tinyLayout } from "../task/tiny-model.ts"
import { tinyPipeline } from "../task/tiny-pipeline.ts"

const inside = temporaryFolder("report")

layer(NodeServices.layer)("a run's report", (it) => {
  it.effect("is gathered from the run's folder and the model, and is the same each time", () =>
    Effect.gen(function* () {
      const run = inside
      const { source, host, session } = yield* openTinyModel
      const line = { step: 1, epoch: 0, lr: 1e-4, loss: 9, samplesPerSecond: 10, stepSeconds: 0.4, dataSeconds: 0.1 }
      yield* appendMetrics(run, line)
      const subject = { session, pipeline: tinyPipeline, layout: tinyLayout, host, source }
      const measuring = { ...subject, whole: source, step: 1, who: "student", batch: 4, captions: 1, metrics: [] } as const
      const measured = { retrieval: yield* retrieval.measure(measuring, tinyPipeline.tasks[0]!) }
      const model = { pipeline: "tiny", weights: "student", step: 1 } as const
      yield* writeEvaluation(run, { model, measured, failed: {} })
      const inputs = { ...subject, run, step: 1, credits: [], environment: environmentPairs(reference, 1), tasks: { retrieval } }
      const data = yield* gatherReport(inputs)
      assert.strictEqual(data.masks.length, 6)
      for (const { masks, frequency, grid } of data.masks) {
        const counts = masks.map(({ hidden }) => Array.from(hidden).reduce((sum, one) => sum + one, 0))
        assert.deepStrictEqual(counts, [8, 8])
        assert.closeTo(
          Array.from(frequency).reduce((sum, share) => sum + share, 0),
          8,
          1e-4
        )
        assert.deepStrictEqual(grid, { rows: 4, columns: 4 })
      }
      assert.strictEqual(data.masks[0]!.masks[0]!.name, "text-guided")
      assert.strictEqual(data.attention.length, 4)
      for (const { caption, words } of data.attention) {
        assert.deepStrictEqual(
          words.map(({ word }) => word),
          caption.split(" ").map((word) => word.replace(/^\W+|\W+$/g, ""))
        )
        for (const { weights } of words) {
          const total = Array.from(weights).reduce((sum, weight) => sum + weight, 0)
          assert.isTrue(total > 0 && total <= 1 + 1e-5) // the image's [CLS] takes its share
        }
      }
      assert.strictEqual(data.tasks.length, 1)
      const [task] = data.tasks
      assert(task !== undefined && "section" in task)
      assert.match(task.section.markup, /<article class="example texts"><img src="data:image/)
      assert.include(
        data.settings.map(([name, value]) => `${name} = ${value}`),
        "patchify.patch = 8"
      )
      assert.isAbove(data.credits.length, 1)
      const text = readFileSync(yield* writeReport(inputs), "utf8")
      assert.include(text, "text-guided")
      assert.strictEqual(text, readFileSync(yield* writeReport(inputs), "utf8"))
    })
  )
})
