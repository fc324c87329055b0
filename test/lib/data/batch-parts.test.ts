import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import type { BatchJob } from "../../../lib/data/batch-job.ts"
import { openBatches } from "../../../lib/data/batches.ts"
import { toData } from "../../../lib/pipeline/pipeline.ts"
import { derive, drawKey, key } from "../../../lib/random/key.ts"
import { uniform } from "../../../lib/random/uniform.ts"
import { partedPipeline } from "../../toy/parted.ts"
import { toyPipeline, toyTables } from "../../toy/pipeline.ts"

const workerUrl = new URL("../../toy/worker.ts", import.meta.url)
const jobOf = (pipeline = partedPipeline()): BatchJob => ({ pipeline: toData(pipeline), seed: 3, cache: null })

/** Some batches from one on. */
const batches = (job: BatchJob, count: number, from = 0, workers = 0) =>
  Effect.gen(function* () {
    const { next } = yield* openBatches({ job, tables: toyTables, workerUrl, workers, from })
    return yield* Effect.forEach(Array.from({ length: count }), () => next)
  }).pipe(Effect.scoped, Effect.provide([NodeServices.layer, Logger.layer([])]))

describe("a batch in parts", () => {
  it.live("has the same bytes whatever the number of workers, and wherever it starts", () =>
    Effect.gen(function* () {
      const all = yield* batches(jobOf(), 6)
      assert.deepStrictEqual(yield* batches(jobOf(), 6, 0, 2), all)
      assert.deepStrictEqual(yield* batches(jobOf(), 2, 4), all.slice(4))
    })
  )

  it.live("has every sample of each source once in that source's own epoch", () =>
    Effect.gen(function* () {
      const all = yield* batches(jobOf(partedPipeline({ batch: 5, others: 2, source: "toy:10", part: "toy:7" })), 7)
      const others = all.map(({ parts }) => parts!["others"]!)
      const ids = others.flatMap(({ ids }) => ids)
      assert.strictEqual(new Set(ids.slice(0, 7)).size, 7)
      assert.strictEqual(new Set(ids.slice(7)).size, 7)
      assert.notDeepEqual(ids.slice(0, 7), ids.slice(7))
      assert.deepStrictEqual(
        others.map(({ epoch }) => epoch),
        [0, 0, 0, 0, 1, 1, 1]
      )
      assert.deepStrictEqual(
        all.map(({ epoch }) => epoch),
        [0, 0, 1, 1, 2, 2, 3]
      )
    })
  )

  it.live("leaves what comes from the main source as it is without parts", () =>
    Effect.gen(function* () {
      const [parted] = yield* batches(jobOf(), 1)
      const [plain] = yield* batches(jobOf(toyPipeline()), 1)
      assert.deepStrictEqual(parted!.ids, plain!.ids)
      for (const [name, numbers] of Object.entries(plain!.feeds)) assert.deepStrictEqual(parted!.feeds[name], numbers, name)
    })
  )

  it.live("draws the noise of a stage that is bound to a part for that part's samples, by a key of its own", () =>
    Effect.gen(function* () {
      const [batch] = yield* batches(jobOf(), 1)
      const noise = batch!.feeds["noise/weigh.others.shake"]!
      const site = { epoch: 0, sample: batch!.parts!["others"]!.ids[1]!, stage: "weigh.others", purpose: "shake" }
      assert.strictEqual(noise.length, 2 * 5)
      assert.deepStrictEqual(noise.slice(5), uniform(drawKey(derive(key(3), "part", "others"), site), 5))
      assert.strictEqual(batch!.feeds["noise/weigh.shake"]!.length, 4 * 5)
      assert.strictEqual(batch!.feeds["others.letters"]!.length, 2 * 6)
    })
  )

  it.live("names the part of a sample that cannot be used, and counts those of each part by themselves", () =>
    Effect.gen(function* () {
      const few = { inARow: 20, fraction: 0, atLeast: 1 }
      const one = jobOf(partedPipeline({ source: "toy:10:1", part: "toy:7:2" }))
      const borne = yield* batches({ ...one, budget: few }, 4)
      const bad = borne.flatMap(({ bad }) => bad)
      assert.includeDeepMembers(
        [...bad],
        [
          { id: "toy/1", reason: "unreadable(toy)" },
          { id: "toy/2", reason: "unreadable(toy)", part: "others" }
        ]
      )
      const two = jobOf(partedPipeline({ part: "toy:7:2,3" }))
      const error = yield* Effect.flip(batches({ ...two, budget: few }, 4))
      assert.match(error.message, /^data: 2 samples could not be used \(of 7 of the part 'others' in epoch 0; the limit is 1\)/)
    })
  )
})
