import { mkdtempSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { reportOf } from "../../../lib/cli/report-failure.ts"
import type { CliTables } from "../../../lib/cli/tables.ts"
import { openSource } from "../../../lib/data/open-source.ts"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { initialState } from "../../../lib/model/initial.ts"
import { stateBuffers } from "../../../lib/model/state-buffers.ts"
import { checkpointFolder, restore, saveCheckpoint } from "../../../lib/run-folder/checkpoint.ts"
import { openRunFolder } from "../../../lib/run-folder/run-folder.ts"
import { decode } from "../../../lib/store/safetensors/safetensors.ts"
import { dataTables } from "../../../pipelines/stages.ts"
import { temporaryFolder } from "../../temporary-folder.ts"
import { toyCli } from "../../toy/cli.ts"
import { few, tinyLayout } from "../task/tiny-model.ts"
import { tinyPipeline } from "../task/tiny-pipeline.ts"
import { captured } from "./captured.ts"

/** The embedded data, of which only the first few samples are there. */
const tables: CliTables = {
  ...toyCli,
  stages: dataTables.stages,
  tasks: dataTables.tasks,
  engines: { onnx: async () => onnx },
  openSource: (name) => Effect.map(openSource(name), (source) => ({ ...source, count: few }))
}
const run = (...argv: readonly string[]) => captured(tables, ...argv)
const inside = temporaryFolder("model")
const folder = (): string => mkdtempSync(join(inside, "m-"))
const cache = ["--cache", join(folder(), "cache"), "--threads", "1"]

/** A run's folder with a checkpoint of random weights. */
const makeRun = Effect.gen(function* () {
  const path = join(folder(), "run")
  yield* openRunFolder(path, tinyPipeline, 0, false)
  const session = yield* onnx.open(stateBuffers(tinyPipeline, tinyLayout), { threads: 1 })
  yield* restore(session, initialState(tinyPipeline, tinyLayout, 5))
  const state = { step: 3, pipeline: "tiny", seed: 0, engine: "onnx", best: null }
  yield* saveCheckpoint(path, tinyPipeline, tinyLayout, session, state)
  return path
})

const failed = (...argv: readonly string[]) =>
  Effect.map(run(...argv), ({ exit }) => (Exit.isFailure(exit) ? reportOf(exit.cause, false) : { line: "", status: 0 }))

layer(NodeServices.layer)("the commands for trained models", (it) => {
  it.effect("measure, embed and export a run, and read the export as they read the run", () =>
    Effect.gen(function* () {
      const path = yield* makeRun
      const out = folder()
      const data = ["--data", "embedded:emoji-held-out", ...cache]
      const measured = yield* run("evaluate", "retrieval", "--model", path, ...data, "--json", "--captions", "1", "--out", out)
      const { retrieval } = JSON.parse(measured.text)
      assert.deepStrictEqual([retrieval.images, retrieval.texts, retrieval.tr10], [few, few, 100])
      const evaluation = JSON.parse(readFileSync(join(out, "evaluation.json"), "utf8"))
      assert.deepStrictEqual(evaluation.retrieval, retrieval)
      assert.deepStrictEqual(evaluation.model, { pipeline: "tiny", weights: "student", step: 3 })

      const model = join(out, "model")
      assert.match((yield* run("export", path, "--out", model, ...cache.slice(0, 2))).text, /student's weights of step 3/)
      const again = yield* run("evaluate", "retrieval", "--model", model, ...data, "--json", "--captions", "1")
      assert.deepStrictEqual(JSON.parse(again.text).retrieval, retrieval)

      const file = join(out, "embeddings.safetensors")
      const said = yield* run("embed", "--model", model, "embedded:emoji-held-out", "--out", file, ...cache)
      assert.include(said.text, `${few} images`)
      const { tensors } = decode(readFileSync(file))
      const rows = JSON.parse(readFileSync(`${file}.json`, "utf8"))
      assert.deepStrictEqual(tensors.get("image")!.shape, [rows.image.length, 32])
      assert.deepStrictEqual(tensors.get("text")!.shape, [rows.text.length, 32])
      const image = tensors.get("image")!.data as Float32Array
      assert.closeTo(Math.hypot(...image.subarray(0, 32)), 1, 1e-5)
    })
  )

  it.effect("say in one line what is missing", () =>
    Effect.gen(function* () {
      const path = yield* makeRun
      const empty = folder()
      const none = yield* failed("evaluate", "retrieval", "--model", empty, ...cache)
      assert.deepStrictEqual(none, { line: `semmim: ${empty}: has no run in it (no pipeline.json)`, status: 1 })
      const noStep = yield* failed("evaluate", "retrieval", "--model", path, "--step", "9", ...cache)
      assert.deepStrictEqual(noStep, { line: `semmim: ${path}: has no checkpoint of step 9, only of 3`, status: 1 })
      const noData = yield* failed("evaluate", "retrieval", "--model", path, ...cache)
      assert.deepStrictEqual(noData, {
        line: "semmim: evaluate: tiny has no held-out data; expected --data SOURCE",
        status: 2
      })
      const there = yield* failed("export", path, "--out", checkpointFolder(path, 3), ...cache.slice(0, 2))
      assert.match(there.line, /step-3: exists already$/)
    })
  )
})
