import { assert, describe, it } from "@effect/vitest"
import { loadPipeline } from "../../lib/pipeline/load.ts"
import { overridden } from "../../lib/pipeline/override.ts"
import { pipelineDigest, toData } from "../../lib/pipeline/pipeline.ts"
import { settingRows } from "../../lib/pipeline/setting-rows.ts"
import { emoji } from "../../pipelines/emoji.ts"
import { semmim } from "../../pipelines/semmim.ts"
import { dataTables } from "../../pipelines/stages.ts"
import { tiny } from "../../pipelines/tiny.ts"

const pipelines = [emoji, semmim, tiny]

describe("every pipeline as data", () => {
  it("is loaded again as it was written", () => {
    for (const pipeline of pipelines) {
      const loaded = loadPipeline(JSON.parse(JSON.stringify(toData(pipeline))), dataTables)
      assert.strictEqual(pipelineDigest(loaded), pipelineDigest(pipeline))
      assert.deepStrictEqual(toData(loaded), toData(pipeline))
      assert.deepStrictEqual(loaded.sizes, pipeline.sizes)
    }
  })

  it("takes every setting that is listed, by its path", () => {
    const rows = settingRows(toData(tiny), dataTables).filter(({ value }) => value !== undefined)
    for (const { path, value } of rows) {
      const changed = overridden(tiny, [`${path}=${JSON.stringify(value)}`], dataTables)
      assert.strictEqual(pipelineDigest(changed), pipelineDigest(tiny), path)
    }
  })

  it("changes a model everywhere at once", () => {
    const changed = overridden(tiny, ["encode.model.image.layers=3"], dataTables)
    const layers = changed.stages.flatMap(({ settings }) => {
      const { model } = settings as { readonly model?: { readonly image: { readonly layers: number } } }
      return model ? [model.image.layers] : []
    })
    assert.deepStrictEqual(layers, [3, 3, 3])
  })
})
