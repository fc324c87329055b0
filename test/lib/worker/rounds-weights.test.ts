import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fetchRun } from "../../../lib/job/fetch-run.ts"
import { openSubmission } from "../../../lib/job/submission.ts"
import { pipelineDigest } from "../../../lib/pipeline/pipeline.ts"
import { checkpointFolder } from "../../../lib/run-folder/checkpoint.ts"
import { decode } from "../../../lib/store/safetensors/safetensors.ts"
import { pinFrozen } from "../../../lib/weights/frozen-file.ts"
import type { JobHandlers } from "../../../lib/worker/handler.ts"
import { openCheckpointModel } from "../../../lib/worker/handlers/model.ts"
import { temporaryFolder } from "../../temporary-folder.ts"
import { toyConfig, toyOrigin } from "../../toy/jobs.ts"
import { ruledPipeline, toyTables, untaughtPipeline } from "../../toy/pipeline.ts"
import { within, world } from "../../toy/rounds-world.ts"
import { outcomeOf, toyRun } from "../../toy/run.ts"

const inside = temporaryFolder("rounds-weights")
const newFolder = (): string => mkdtempSync(join(inside, "r-"))

/** An evaluation that only says of what it is. */
const unmeasured = (handlers: JobHandlers): JobHandlers => ({
  ...handlers,
  evaluate: {
    ...handlers.evaluate,
    run: ({ checkpoint }) => Effect.succeed({ files: {}, result: { checkpoint, step: 10, retrieval: null } })
  }
})

describe("weight sets in rounds", () => {
  it.live(
    "a frozen set comes from the store alone, by its digest, and stays as it is",
    () =>
      Effect.gen(function* () {
        const from = join(newFolder(), "ruler")
        yield* toyRun(from)
        const expected = decode(new Uint8Array(readFileSync(join(checkpointFolder(from, 4), "model.safetensors"))))
        const pipeline = yield* pinFrozen(ruledPipeline(from))
        const gone = Effect.sync(() => rmSync(from, { recursive: true }))
        yield* Effect.gen(function* () {
          const { startWorker, settled, submission, urls } = yield* world({}, unmeasured, { pipeline: ruledPipeline(from) })
          yield* gone
          yield* startWorker()
          const status = yield* settled
          assert.strictEqual(status.state, "finished", status.why ?? "")
          assert.strictEqual(submission.digest, pipelineDigest(pipeline))
          const opened = yield* openSubmission(submission.name, submission.digest, toyTables)
          const context = { ...opened, origin: toyOrigin(), key: "none" }
          const { session } = yield* openCheckpointModel(submission.checkpoint, context as never, toyConfig(urls))
          const numbers = yield* session.read("frozen.ruler")
          assert.deepStrictEqual([...numbers], [...(expected.tensors.get("scales.weight")!.data as Float32Array)])
          const folder = newFolder()
          yield* fetchRun(submission, folder, toyTables)
          assert.deepStrictEqual(readdirSync(checkpointFolder(folder, 10)).sort(), [
            "manifest.json",
            "model.safetensors",
            "optimizer.safetensors",
            "state.json",
            "teacher.safetensors"
          ])
          const state = JSON.parse(readFileSync(join(checkpointFolder(folder, 10), "state.json"), "utf8"))
          assert.strictEqual(state.frozen.ruler.from, from)
        }).pipe(Effect.scoped, Effect.provide(within(new Map())))
      }).pipe(Effect.provide(NodeServices.layer)),
    120_000
  )

  it.live(
    "a pipeline without a teacher has none, and its run goes on elsewhere",
    () =>
      Effect.gen(function* () {
        const pipeline = untaughtPipeline()
        const folder = newFolder()
        yield* Effect.gen(function* () {
          const { startWorker, settled, submission } = yield* world({}, unmeasured, { pipeline })
          yield* startWorker()
          const status = yield* settled
          assert.strictEqual(status.state, "finished", status.why ?? "")
          yield* fetchRun(submission, folder, toyTables)
        }).pipe(Effect.scoped, Effect.provide(within(new Map())))
        assert.deepStrictEqual(readdirSync(checkpointFolder(folder, 10)).sort(), [
          "manifest.json",
          "model.safetensors",
          "optimizer.safetensors",
          "state.json"
        ])
        yield* toyRun(folder, {
          pipeline,
          resume: true,
          set: ["batch=4", "steps=12", "checkpointEvery=0", "logEvery=10", "keepLast=2"]
        })
        assert.strictEqual(outcomeOf(folder).step, 12)
      }).pipe(Effect.provide(NodeServices.layer)),
    120_000
  )
})
