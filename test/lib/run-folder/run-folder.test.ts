import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { pipelineDigest, toData } from "../../../lib/pipeline/pipeline.ts"
import { appendMetrics } from "../../../lib/run-folder/metrics.ts"
import {
  checkpointSteps,
  differences,
  openRunFolder,
  pruneCheckpoints,
  recordedPipeline
} from "../../../lib/run-folder/run-folder.ts"
import { digest } from "../../../lib/store/digest.ts"
import { toyPipeline } from "../../toy/pipeline.ts"

const pipeline = toyPipeline()
const line = { step: 1, epoch: 0, lr: 1, loss: 1, samplesPerSecond: 1, stepSeconds: 1, dataSeconds: 1 }

layer(NodeServices.layer)("a run's folder", (it) => {
  const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
  const withSteps = (run: string, steps: readonly number[]) => {
    for (const step of steps) mkdirSync(join(run, "checkpoints", `step-${step}`), { recursive: true })
  }

  it.effect("gets the resolved pipeline and its digest", () =>
    Effect.gen(function* () {
      const run = yield* folder
      assert.deepStrictEqual(yield* openRunFolder(run, pipeline, 4, false), { step: 0, checkpoint: undefined, state: undefined })
      const recorded = JSON.parse(readFileSync(join(run, "pipeline.json"), "utf8"))
      assert.deepStrictEqual(recorded, {
        digest: pipelineDigest(pipeline),
        seed: 4,
        pipeline: JSON.parse(JSON.stringify(toData(pipeline))),
        pipeline_sha256: digest(toData(pipeline))
      })
    })
  )

  it.effect("loses what killed processes left half written", () =>
    Effect.gen(function* () {
      const run = yield* folder
      mkdirSync(join(run, "checkpoints", ".step-2.0123456789ab.tmp"), { recursive: true })
      writeFileSync(join(run, "checkpoints", ".step-2.0123456789ab.tmp", "model.safetensors"), "half")
      writeFileSync(join(run, ".metrics.jsonl.0123456789ab.tmp"), "half")
      yield* openRunFolder(run, pipeline, 4, false)
      assert.deepStrictEqual(readdirSync(run).sort(), ["checkpoints", "pipeline.json"])
      assert.deepStrictEqual(readdirSync(join(run, "checkpoints")), [])
    })
  )

  it.effect("has a run in it once a step is logged or saved, and not before", () =>
    Effect.gen(function* () {
      const run = yield* folder
      for (let i = 0; i < 2; i++) yield* openRunFolder(run, pipeline, 4, false)
      yield* openRunFolder(run, toyPipeline({ batch: 9 }), 4, false)
      yield* appendMetrics(run, line)
      const error = yield* Effect.flip(openRunFolder(run, pipeline, 4, false))
      assert.include(error.message, "has a run in it")
      const other = yield* Effect.flip(openRunFolder(run, pipeline, 4, true))
      assert.include(other.message, "cannot be resumed with another training.batch (")
      const named = yield* Effect.flip(openRunFolder(run, { ...pipeline, name: "other" }, 4, true))
      assert.include(named.message, "has a run of 'toy' in it and cannot be resumed with 'other'; give another --out")
    })
  )

  it.effect("names a pipeline.json that is damaged", () =>
    Effect.gen(function* () {
      const run = yield* folder
      assert.isUndefined(yield* recordedPipeline(run))
      writeFileSync(join(run, "pipeline.json"), "{")
      const error = yield* Effect.flip(recordedPipeline(run))
      assert.match(error.message, /pipeline\.json: [^\n]+$/)
    })
  )

  it.effect("lists its checkpoints, newest first, and nothing else", () =>
    Effect.gen(function* () {
      const run = yield* folder
      assert.deepStrictEqual(yield* checkpointSteps(run), [])
      withSteps(run, [2, 10, 9])
      for (const name of ["step-x", ".step-3.0123456789ab.tmp", "step-4.old"]) mkdirSync(join(run, "checkpoints", name))
      assert.deepStrictEqual(yield* checkpointSteps(run), [10, 9, 2])
    })
  )

  it.effect("keeps its last checkpoints and the best", () =>
    Effect.gen(function* () {
      const run = yield* folder
      withSteps(run, [2, 4, 6, 8, 10])
      yield* pruneCheckpoints(run, 2, 4)
      assert.deepStrictEqual(yield* checkpointSteps(run), [10, 8, 4])
      yield* pruneCheckpoints(run, 2, 10)
      assert.deepStrictEqual(yield* checkpointSteps(run), [10, 8])
      yield* pruneCheckpoints(run, 5, undefined)
      assert.isTrue(existsSync(join(run, "checkpoints", "step-8")))
    })
  )
})

layer(NodeServices.layer)("differences", (it) => {
  it.effect("are the paths at which two pipelines differ", () =>
    Effect.sync(() => {
      const [a, b] = [pipeline, toyPipeline({ batch: 5, count: 7 })].map(toData)
      assert.deepStrictEqual(differences(a!, a!), [])
      assert.deepStrictEqual(differences(a!, b!), ["stages.0.settings.count", "training.batch"])
    })
  )
})
