import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Logger } from "effect"
import { type BatchesOptions, openBatches } from "../../../lib/data/batches.ts"
import { toData } from "../../../lib/pipeline/pipeline.ts"
import { besideModule } from "../../../lib/thread/beside-module.ts"
import { toyPipeline, toyTables } from "../../toy/pipeline.ts"

const workerUrl = new URL("../../toy/worker.ts", import.meta.url)
const options = (more: Partial<BatchesOptions> & { readonly source?: string } = {}): BatchesOptions => ({
  job: { pipeline: toData(toyPipeline({ batch: 3, source: more.source ?? "toy:20:4,5" })), seed: 1, cache: null },
  tables: toyTables,
  workerUrl,
  workers: 0,
  from: 0,
  ...more
})
const takeAloud = (count: number, given: BatchesOptions) =>
  Effect.gen(function* () {
    const { next } = yield* openBatches(given)
    return yield* Effect.replicateEffect(next, count)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const take = (count: number, given: BatchesOptions) => takeAloud(count, given).pipe(Effect.provide(Logger.layer([])))

describe("openBatches", () => {
  it.live("gives the same batches for any number of workers, and from where a run resumes", () =>
    Effect.gen(function* () {
      const here = yield* take(9, options())
      assert.deepStrictEqual(
        here.map(({ index }) => index),
        [0, 1, 2, 3, 4, 5, 6, 7, 8]
      )
      assert.deepStrictEqual(yield* take(9, options({ workers: 2 })), here)
      assert.deepStrictEqual(yield* take(4, options({ workers: 1, from: 5, ahead: 1 })), here.slice(5))
    })
  )

  it.live("gives the same batches with a cache, empty or full, shared by workers", () =>
    Effect.gen(function* () {
      const { job } = options()
      const cache = join(yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped(), "cache")
      const cached = { ...options(), job: { ...job, cache } }
      const here = yield* take(9, options())
      assert.deepStrictEqual(yield* take(9, { ...cached, workers: 2 }), here)
      assert.deepStrictEqual(yield* take(9, cached), here)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("names each sample that is left out, once", () =>
    Effect.gen(function* () {
      const lines: string[] = []
      const logger = Logger.make(({ message }) => void lines.push(String(message)))
      yield* takeAloud(15, options()).pipe(Effect.provide(Logger.layer([logger])))
      assert.deepStrictEqual(lines.sort(), [
        "sample toy/4 is left out: unreadable(toy)",
        "sample toy/5 is left out: unreadable(toy)"
      ])
    })
  )

  it.live("stops when too many samples of an epoch cannot be used", () =>
    Effect.gen(function* () {
      const unreadable = Array.from({ length: 12 }, (_, i) => i).join(",")
      const error = yield* Effect.flip(take(60, options({ source: `toy:200:${unreadable}` })))
      assert.match(
        error.message,
        /^data: 11 samples could not be used \(of 200 in epoch 0; the limit is 10\): 11 × unreadable \(toy\/\d+: toy\)$/
      )
    })
  )

  it.live("says in one line that a worker died", () =>
    Effect.gen(function* () {
      const crashing = new URL("../../toy/crashing-worker.ts", import.meta.url)
      const died = yield* Effect.flip(take(1, options({ workers: 2, workerUrl: crashing })))
      assert.strictEqual(died.message, "data worker 0: the thread ended (status 3)")
      const absent = yield* Effect.flip(take(1, options({ workers: 1, workerUrl: new URL("absent.ts", workerUrl) })))
      assert.match(absent.message, /^data worker 0: Cannot find module .*absent\.ts/)
    })
  )

  it.live("names a source that is not there before any worker starts", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(take(1, options({ source: "nowhere", workers: 1 })))
      assert.strictEqual(error.message, "nowhere: no such data")
    })
  )
})

describe("besideModule", () => {
  it("has the extension of the module that asks", () => {
    assert.strictEqual(besideModule("worker", "file:///a/main.ts").href, "file:///a/worker.ts")
    assert.strictEqual(besideModule("worker", "file:///a/main.js").href, "file:///a/worker.js")
  })
})
