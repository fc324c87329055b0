import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { reportOf } from "../../../lib/cli/report-failure.ts"
import { toData } from "../../../lib/pipeline/pipeline.ts"
import { temporaryFolder } from "../../temporary-folder.ts"
import { toyCli } from "../../toy/cli.ts"
import { toyPipeline } from "../../toy/pipeline.ts"
import { captured } from "./captured.ts"

const inside = temporaryFolder("older-format")

/** A run's folder as versions before weight sets wrote it. */
const olderRun = (): string => {
  const run = mkdtempSync(join(inside, "r-"))
  mkdirSync(join(run, "checkpoints", "step-4"), { recursive: true })
  writeFileSync(join(run, "metrics.jsonl"), '{"step":4,"epoch":0,"loss":1}\n')
  const { format, stages, ...rest } = toData(toyPipeline())
  const older = stages.map(({ weights, ...stage }) => ({ ...stage, momentum: weights === "teacher" }))
  writeFileSync(join(run, "pipeline.json"), JSON.stringify({ digest: "0", seed: 0, pipeline: { ...rest, stages: older } }))
  return run
}

/** An exported model's folder as they wrote it. */
const olderModel = (): string => {
  const folder = mkdtempSync(join(inside, "m-"))
  const { format, ...pipeline } = toData(toyPipeline())
  const config = { model_type: "semmim", format: 1, weights: "student", step: 4, pipeline_digest: "0", pipeline }
  writeFileSync(join(folder, "config.json"), JSON.stringify(config))
  return folder
}

const { endless: _, ...pipelines } = toyCli.pipelines
const line = (...argv: readonly string[]) =>
  Effect.map(captured({ ...toyCli, pipelines }, ...argv), ({ exit }) =>
    Exit.isFailure(exit) ? reportOf(exit.cause, false).line : "it went well"
  )

const said =
  "its pipeline is of format 1, written by an older semmim: use it with that version, or run the pipeline anew with this one"

layer(NodeServices.layer, { excludeTestServices: true })("what an older version wrote", (it) => {
  it.effect("a run is refused in one line that says what to do, whatever is done with it", () =>
    Effect.gen(function* () {
      const run = olderRun()
      const out = join(inside, "out")
      for (const argv of [
        ["run", "toy", "--out", run, "--resume", "--engine", "reference"],
        ["evaluate", "tally", "--model", run],
        ["export", run, "--out", out],
        ["embed", "toy:10", "--model", run, "--out", out]
      ])
        assert.strictEqual(yield* line(...argv), `semmim: ${join(run, "pipeline.json")}: ${said}`, argv[0])
    })
  )

  it.effect("an exported model too", () =>
    Effect.gen(function* () {
      const folder = olderModel()
      for (const argv of [
        ["evaluate", "tally", "--model", folder],
        ["embed", "toy:10", "--model", folder, "--out", join(inside, "out")]
      ])
        assert.strictEqual(yield* line(...argv), `semmim: ${join(folder, "config.json")}: toy: ${said}`, argv[0])
    })
  )
})
