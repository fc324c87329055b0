import { rmSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { openBatches } from "../../../../lib/data/batches.ts"
import { toData } from "../../../../lib/pipeline/pipeline.ts"
import { toyPipeline, toyTables } from "../../../toy/pipeline.ts"
import { folderWith, smallSample, smallSet } from "./small-set.ts"

const workerUrl = new URL("../../../toy/worker.ts", import.meta.url)
const take = (count: number, folder: string, workers: number, from = 0) =>
  Effect.gen(function* () {
    const job = { pipeline: toData(toyPipeline({ batch: 4, source: `shards:${folder}` })), seed: 7, cache: null }
    const { next } = yield* openBatches({ job, tables: toyTables, workerUrl, workers, from })
    return yield* Effect.replicateEffect(next, count)
  }).pipe(Effect.scoped, Effect.provide([NodeServices.layer, Logger.layer([])]))

describe("training from a shard set", () => {
  it.live("sees each sample once an epoch, and after resuming with other workers exactly those not yet seen", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(smallSet([5, 9, 2, 8]))
      const whole = yield* take(6, folder, 0)
      const ids = whole.flatMap((batch) => batch.ids)
      assert.deepStrictEqual(ids.toSorted(), Array.from({ length: 24 }, (_, i) => smallSample(i).id).toSorted())
      const before = yield* take(2, folder, 2)
      const after = yield* take(4, folder, 1, 2)
      assert.deepStrictEqual([...before, ...after], whole)
    }).pipe(Effect.scoped)
  )

  it.live("leaves the order of the rest as it is where a shard is missing", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(smallSet([5, 9, 2, 8]))
      const whole = (yield* take(6, folder, 0)).flatMap((batch) => batch.ids)
      rmSync(join(folder, "shard-000002.tar"))
      const partial = yield* take(6, folder, 0)
      const lost = [14, 15].map((i) => smallSample(i).id)
      partial
        .flatMap((batch) => batch.ids)
        .forEach((id, place) => {
          if (lost.includes(whole[place]!)) assert.notInclude(lost, id)
          else assert.strictEqual(id, whole[place])
        })
      const bad = partial.flatMap((batch) => batch.bad)
      assert.isAtLeast(bad.length, 2)
      assert.deepStrictEqual([...new Set(bad.map(({ reason }) => reason))], ["shard(shard-000002.tar: missing)"])
    }).pipe(Effect.scoped)
  )
})
