import { rmSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import fc from "fast-check"
import { openBatches } from "../../../../lib/data/batches.ts"
import { openFor } from "../../../../lib/data/host/host-context.ts"
import { isImage, plainFields } from "../../../../lib/data/sample-value.ts"
import { type Pipeline, pipeline, toData } from "../../../../lib/pipeline/pipeline.ts"
import { arePairs, samples } from "../../../../lib/pipeline/samples.ts"
import { trainSettings } from "../../../../lib/pipeline/training-settings.ts"
import { prepare } from "../../../../lib/prepare/prepare.ts"
import { prepareDefaults } from "../../../../lib/prepare/prepare-settings.ts"
import { type Field, type Fields, tensor, value } from "../../../../lib/tensor/field.ts"
import { drawnSource, drawnTables, marks, marksOf, withTexts } from "./tables.ts"

const count = 7
const workerUrl = new URL("worker.ts", import.meta.url)
const silent = { update: () => Effect.void, print: () => Effect.void }

const types: readonly Field[] = [
  ...["bytes", "string", "strings", "box", "dialog"].map((name) => value()(name)),
  tensor("float32", "three"),
  tensor("int32", "three"),
  tensor("bool", "three")
]
/** Names that a shard's members and JSON have for something else are among them. */
const names = ["image", "captions", "label", "secondImage", "index", "key", "fields", "tokens", "width", "json", "txt"]
const records = fc
  .array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...types)), { minLength: 1, maxLength: 6 })
  .map(
    (pairs): Fields => Object.fromEntries(pairs.map(([name, field]) => [name, name === "captions" ? value()("strings") : field]))
  )

const over = (fields: Fields, train: string): Pipeline =>
  pipeline("drawn", samples(fields, train))
    .pipe(marks(fields) as never)
    .train(trainSettings({ batch: 3, steps: 5, learningRate: 0.1, warmup: 0 }))

/** Batches of a source have, for each sample, what its values are digested to, and its tensors as they are. */
const givesAll = Effect.fnUntraced(function* (fields: Fields, train: string, workers: number, cache: string | null) {
  const source = drawnSource("drawn", count, fields)
  const known = new Map(Array.from({ length: count }, (_, index) => [source.id(index), index]))
  const job = { pipeline: toData(over(fields, train)), seed: 2, cache }
  const { next } = yield* openBatches({ job, tables: drawnTables, workerUrl, workers, from: 0 })
  for (let batch = 0; batch < 5; batch++) {
    const { ids, feeds, bad } = yield* next
    assert.deepStrictEqual(bad, [])
    for (const [slot, id] of ids.entries()) {
      const sample: { readonly [name: string]: unknown } = yield* source.sample(known.get(id)!)
      assert.deepStrictEqual([...feeds["marks"]!.slice(2 * slot, 2 * slot + 2)], [...marksOf(fields, sample)])
      for (const [name, field] of Object.entries(fields))
        if ("dtype" in field)
          assert.deepStrictEqual([...feeds[name]!.slice(3 * slot, 3 * slot + 3)], [...(sample[name] as Float32Array)])
    }
  }
}, Effect.scoped)

const roundTrip = (fields: Fields, workers: number) =>
  Effect.gen(function* () {
    const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
    const [train, out, cache] = [`drawn:${count}`, join(folder, "shards"), join(folder, "cache")]
    for (const kept of workers === 0 ? [null, cache, cache] : [cache]) yield* givesAll(fields, train, workers, kept)
    const settings = { ...prepareDefaults, resize: "none", shardSize: 3 } as const
    const job = { kind: "prepare", pipeline: toData(over(fields, train)), cache, stageFiles: [], folder: out, settings } as const
    yield* Effect.scoped(prepare({ job, tables: drawnTables, workerUrl, workers, progress: silent }))
    const read = yield* openFor(drawnTables.openSource, out, fields)
    const given = drawnSource(train, count, fields)
    assert.strictEqual(arePairs(fields), read.fields === undefined)
    for (let index = 0; index < count; index++) {
      const [own, wanted]: readonly { readonly [name: string]: unknown }[] = [
        yield* read.sample(index),
        yield* given.sample(index)
      ]
      assert.deepStrictEqual(Object.keys(own!).sort(), Object.keys(wanted!).sort())
      for (const name of ["id", "group", ...plainFields(fields)]) assert.deepStrictEqual(own![name], wanted![name], name)
      for (const name of Object.keys(fields).filter((each) => isImage(fields[each]!)))
        assert.isTrue(Buffer.from(own![name] as Uint8Array).equals(wanted![name] as Uint8Array), name)
      for (const name of withTexts(fields))
        assert.deepStrictEqual(yield* read.texts(index, name), yield* given.texts(index, name))
    }
    yield* givesAll(fields, out, workers, cache)
    // An index that is lost is made again from the shard.
    rmSync(join(out, "shard-000001.index"))
    const again = yield* openFor(drawnTables.openSource, out, fields)
    assert.deepStrictEqual(yield* again.sample(4), yield* read.sample(4))
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

describe("any record of fields", () => {
  it("comes back the same from shards, caches and batches", () =>
    fc.assert(
      fc.asyncProperty(records, (fields) => Effect.runPromise(roundTrip(fields, 0))),
      { numRuns: 8, endOnFailure: true }
    ))

  it("comes back the same from two threads, whose caches and shards are those of one", { timeout: 90_000 }, () =>
    Effect.runPromise(
      roundTrip(
        Object.fromEntries(names.map((name, i) => [name, name === "captions" ? value()("strings") : types[i % types.length]!])),
        2
      )
    )
  )
})
