import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { initialState } from "../../../lib/model/initial.ts"
import { stateBuffers } from "../../../lib/model/state-buffers.ts"
import { pipelineDigest } from "../../../lib/pipeline/pipeline.ts"
import { restore, saveCheckpoint } from "../../../lib/run-folder/checkpoint.ts"
import { loadRun } from "../../../lib/run-folder/load-run.ts"
import { openRunFolder } from "../../../lib/run-folder/run-folder.ts"
import { dataTables } from "../../../pipelines/stages.ts"
import { temporaryFolder } from "../../temporary-folder.ts"
import { tinyLayout } from "../task/tiny-model.ts"
import { tinyPipeline } from "../task/tiny-pipeline.ts"

const inside = temporaryFolder("load-run")

/** A run's folder with a checkpoint of step 3. */
const makeRun = Effect.gen(function* () {
  const session = yield* onnx.open(stateBuffers(tinyPipeline, tinyLayout), { threads: 1 })
  yield* restore(session, initialState(tinyPipeline, tinyLayout, 5))
  const run = mkdtempSync(join(inside, "r-"))
  yield* openRunFolder(run, tinyPipeline, 0, false)
  const state = { step: 3, pipeline: pipelineDigest(tinyPipeline), seed: 0, engine: "onnx", best: null }
  yield* saveCheckpoint(run, tinyPipeline, tinyLayout, session, state)
  return { run, file: join(run, "pipeline.json") }
})

layer(NodeServices.layer)("a run's model", (it) => {
  it.effect("is refused once a setting in its pipeline.json was edited", () =>
    Effect.gen(function* () {
      const { run, file } = yield* makeRun
      assert.strictEqual((yield* loadRun(run, dataTables)).step, 3)
      const text = readFileSync(file, "utf8")
      const edited = text.replaceAll('"heads":2', '"heads":4')
      assert.notStrictEqual(edited, text)
      writeFileSync(file, edited)
      const { message } = yield* Effect.flip(loadRun(run, dataTables))
      assert.isTrue(message.startsWith(`${file}: its 'pipeline' has the SHA-256 `), message)
      assert.match(
        message,
        /^[^\n]*says [0-9a-f]{12}…: a setting was edited after the weights were trained; put it back, or .*--image-weights/
      )
      // Written in another way it is the same.
      writeFileSync(file, JSON.stringify(JSON.parse(text), null, 2))
      yield* loadRun(run, dataTables)
    })
  )

  it.effect("of before that was recorded is read, with a warning where its pipeline has another digest", () =>
    Effect.gen(function* () {
      const { run, file } = yield* makeRun
      const { pipeline_sha256, ...older } = JSON.parse(readFileSync(file, "utf8"))
      const said: string[] = []
      const load = Effect.provide(
        loadRun(run, dataTables),
        Logger.layer([Logger.make(({ message }) => void said.push(String(message)))])
      )
      writeFileSync(file, JSON.stringify(older))
      yield* load
      assert.deepStrictEqual(said, [])
      writeFileSync(file, JSON.stringify(older).replaceAll('"heads":2', '"heads":4'))
      yield* load
      assert.deepStrictEqual(said, [
        `${file}: its pipeline has not the digest beside it: it was edited, or its stages have other versions now`
      ])
    })
  )
})
