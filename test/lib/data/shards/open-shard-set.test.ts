import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { openByteStore } from "../../../../lib/data/shards/byte-store.ts"
import { localBytes } from "../../../../lib/data/shards/local-bytes.ts"
import { openShardSet } from "../../../../lib/data/shards/open-shard-set.ts"
import { s3Bytes } from "../../../../lib/data/shards/s3-bytes.ts"
import type { Source } from "../../../../lib/data/source.ts"
import { s3Server } from "./s3-server.ts"
import { folderWith, smallSample, smallSet } from "./small-set.ts"

const quiet = Effect.provide(Logger.layer([]))
const everything = (source: Source) =>
  Effect.forEach(
    Array.from({ length: source.count }, (_, i) => i),
    (i) => Effect.result(source.sample(i)),
    { concurrency: 8 }
  )
const isWhole = Effect.fnUntraced(function* (source: Source, count: number) {
  assert.strictEqual(source.count, count)
  const samples = yield* Effect.forEach(
    Array.from({ length: count }, (_, i) => i),
    (i) => source.sample(i),
    { concurrency: 4 }
  )
  assert.deepEqual(
    samples.map((sample) => ({ ...sample, image: Uint8Array.from(sample.image) })),
    samples.map((_, i) => smallSample(i))
  )
  assert.strictEqual(source.id(count - 1), smallSample(count - 1).id)
  assert.strictEqual(source.group(count - 1), smallSample(count - 1).group)
  assert.deepEqual(yield* source.texts(3, "captions"), smallSample(3).captions)
})

describe("openShardSet", () => {
  it.live("gives every sample of a folder, named itself or by its manifest", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(smallSet([4, 1, 7]))
      const source = yield* openShardSet(`${folder}/`, { verify: true })
      yield* isWhole(source, 12)
      const named = yield* openShardSet(join(folder, "manifest.json"))
      assert.strictEqual(named.digest, source.digest)
      const digests = yield* Effect.forEach([0, 1, 4, 11], (i) => source.sampleDigest(i))
      assert.strictEqual(new Set(digests).size, 4)
      assert.isUndefined(source.blocks)
    }).pipe(Effect.scoped)
  )

  it.live("makes an index anew where it is missing", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(smallSet([4, 5]))
      const written = readFileSync(join(folder, "shard-000001.index"))
      rmSync(join(folder, "shard-000001.index"))
      yield* isWhole(yield* openShardSet(folder), 9)
      assert.isTrue(written.length > 0)
    }).pipe(Effect.scoped)
  )

  it.live("reads the same from S3, in order by blocks", () =>
    Effect.gen(function* () {
      const { environment, put } = yield* s3Server
      const files = smallSet([4, 1, 7])
      for (const [name, bytes] of files) if (name !== "shard-000002.index") yield* put(`sets/one/${name}`, bytes)
      const store = openByteStore({ blockBytes: 4096 }, { local: localBytes(), remote: s3Bytes(environment) })
      const source = yield* openShardSet("s3://data/sets/one", { store, verify: true })
      yield* isWhole(source, 12)
      assert.deepEqual([...Array.from(source.blocks!.starts)], [0, 4, 5, 12])
      const absent = yield* Effect.flip(openShardSet("s3://data/sets/none", { store }))
      assert.match(absent.message, /no such object/)
    }).pipe(Effect.scoped)
  )

  it.live("tells the samples of a shard that is missing or cut, and reads the others", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(smallSet([3, 3, 3]))
      const size = readFileSync(join(folder, "shard-000000.tar")).length
      truncateSync(join(folder, "shard-000000.tar"), size - 2000)
      rmSync(join(folder, "shard-000002.tar"))
      const results = yield* everything(yield* openShardSet(folder))
      const reasons = results.map((result) => (result._tag === "Failure" ? result.failure.reason : "good"))
      const [cut, missing] = [`shard(shard-000000.tar: ${size - 2000} of ${size} bytes)`, "shard(shard-000002.tar: missing)"]
      assert.deepStrictEqual(reasons, [cut, cut, cut, "good", "good", "good", missing, missing, missing])
    }).pipe(Effect.scoped, quiet)
  )

  it.live("tells the samples of a shard that is cut or changed after it was opened", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(smallSet([3, 3]))
      const source = yield* openShardSet(folder, { verify: true })
      truncateSync(join(folder, "shard-000001.tar"), 10)
      const tar = readFileSync(join(folder, "shard-000000.tar"))
      tar[600]! ^= 1
      writeFileSync(join(folder, "shard-000000.tar"), tar)
      const results = yield* everything(source)
      const reasons = results.map((result) => (result._tag === "Failure" ? result.failure.reason : "good"))
      reasons.slice(0, 3).forEach((reason) => void assert.match(reason, /^shard\(shard-000000.tar: sha256 /))
      reasons.slice(3).forEach((reason) => void assert.match(reason, /^shard\(shard-000001.tar: /))
    }).pipe(Effect.scoped)
  )

  it.live("refuses a list that is not the manifest's, and what is no manifest", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(smallSet([3, 3]))
      const lines = readFileSync(join(folder, "shards.jsonl"), "utf8")
      writeFileSync(join(folder, "shards.jsonl"), lines.replace('"samples":3', '"samples":4'))
      const changed = yield* Effect.flip(openShardSet(folder))
      assert.match(changed.message, /shards\.jsonl: sha256 [0-9a-f]{12}…, where the manifest says/)
      writeFileSync(join(folder, "manifest.json"), '{"format":"other"}')
      assert.match((yield* Effect.flip(openShardSet(folder))).message, /manifest\.json: no manifest of shards/)
      rmSync(join(folder, "manifest.json"))
      assert.match((yield* Effect.flip(openShardSet(folder))).message, /manifest\.json: no such file/)
    }).pipe(Effect.scoped)
  )
})
