import { readFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openBatchJob } from "../../../../lib/data/batch-job.ts"
import { toData } from "../../../../lib/pipeline/pipeline.ts"
import { emoji } from "../../../../pipelines/emoji.ts"
import { dataTables } from "../../../../pipelines/stages.ts"
import { tinyCli } from "../../cli/tiny-cli.ts"
import { shortRun, tinyRun } from "../../cli/tiny-run.ts"
import { dataSets } from "./data-sets.ts"

const emojiCli = { ...tinyCli, pipelines: { emoji: async () => emoji } }

describe("a data set of one's own, with one command", () => {
  for (const [format, make] of Object.entries(dataSets)) {
    it.live(`${format}: makes batches of the emoji pipeline`, () =>
      Effect.gen(function* () {
        const { data, ids } = yield* make
        const { source, training, ...rest } = toData(emoji)
        const pipeline = { ...rest, source: { ...source, train: data }, training: { ...training, batch: 4 } }
        const job = yield* openBatchJob({ pipeline, seed: 1, cache: null }, dataTables)
        const batch = yield* job.make(0)
        assert.deepStrictEqual([batch.bad, [...batch.ids].sort()], [[], [...ids].sort()])
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
    )
  }

  // In one process, which has the engine loaded.
  for (const [format, make] of Object.entries(dataSets)) {
    it.live(`${format}: trains the emoji pipeline`, () =>
      Effect.gen(function* () {
        const { data } = yield* make
        const { status, line, folder, said } = yield* shortRun(emojiCli, "emoji", 1, [
          "--data",
          data,
          "--set",
          "zeroShot.images=0"
        ])
        assert.strictEqual(status, 0, line)
        assert.notInclude(said, "is left out")
        const metrics = JSON.parse(readFileSync(join(folder, "metrics.jsonl"), "utf8"))
        assert.isTrue(Number.isFinite(metrics.loss), metrics.loss)
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
    )
  }

  // Each sample comes once in an epoch of 17 × 4.
  it.live("all of them, mixed by weight: are trained on", () =>
    Effect.gen(function* () {
      const made = yield* Effect.forEach(Object.values(dataSets), (make) => make)
      const data = made.map((each) => `${each.data}*1`).join("+")
      const { status, line, folder, said } = yield* tinyRun(made.length, "--data", data)
      assert.strictEqual(status, 0, line)
      assert.notInclude(said, "is left out")
      const metrics = readFileSync(join(folder, "metrics.jsonl"), "utf8").trimEnd().split("\n")
      assert.strictEqual(metrics.length, made.length)
      for (const each of metrics) assert.isTrue(Number.isFinite(JSON.parse(each).loss), each)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
