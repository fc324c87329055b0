import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { ByteError } from "../../../../lib/data/shards/byte-error.ts"
import type { ByteReader } from "../../../../lib/data/shards/byte-reader.ts"
import { openByteStore } from "../../../../lib/data/shards/byte-store.ts"
import { localBytes } from "../../../../lib/data/shards/local-bytes.ts"
import { s3Bytes } from "../../../../lib/data/shards/s3-bytes.ts"
import { s3Server } from "./s3-server.ts"

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 31) % 251)
const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "semmim-bytes-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)
const joined = (parts: Iterable<Uint8Array>) => Buffer.concat([...parts])

/** A reader of `bytes` that fails before each nth success, and counts what it is asked. */
const flaky = (failures: number, transient = true) => {
  let asked = 0
  const attempt = <A>(value: () => A) =>
    Effect.suspend(() =>
      ++asked % (failures + 1) === 0
        ? Effect.succeed(value())
        : Effect.fail(new ByteError({ location: "s3://toy/x", problem: "flaky", transient }))
    )
  const reader: ByteReader = {
    size: () => attempt(() => bytes.length),
    read: (_, from, length) => attempt(() => bytes.slice(from, from + length)),
    list: () => attempt(() => [])
  }
  return { reader, asked: () => asked }
}

describe("a byte store", () => {
  it.live("reads ranges, sizes and listings of local files, and says where a file ends", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const file = join(folder, "a.bin")
      writeFileSync(file, bytes)
      const store = openByteStore({ blockBytes: 300 })
      assert.strictEqual(yield* store.size(file), 1000)
      assert.deepStrictEqual(yield* store.read(file, 290, 400), bytes.slice(290, 690))
      assert.deepStrictEqual(yield* store.list(folder), [{ name: "a.bin", size: 1000 }])
      assert.deepEqual(joined(yield* Stream.runCollect(store.stream(file, 10))), Buffer.from(bytes.subarray(10)))
      truncateSync(file, 500)
      const error = yield* Effect.flip(store.read(file, 400, 200))
      assert.strictEqual(error.message, `${file}: ends at byte 500, where 200 from 400 were wanted`)
      assert.match((yield* Effect.flip(store.size(join(folder, "b")))).message, /no such file$/)
    }).pipe(Effect.scoped)
  )

  it.live("reads more files than it holds open, at the same time", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const files = Array.from({ length: 200 }, (_, n) => join(folder, `${n}`))
      files.forEach((file, n) => void writeFileSync(file, bytes.subarray(n)))
      const store = openByteStore()
      const twice = [...files, ...files]
      const read = yield* Effect.forEach(twice, (file) => store.read(file, 0, 4), { concurrency: 32 })
      read.forEach((got, i) => void assert.deepStrictEqual(got, bytes.slice(i % 200, (i % 200) + 4)))
    }).pipe(Effect.scoped)
  )

  it.live("reads the same from S3 as from a file", () =>
    Effect.gen(function* () {
      const { environment, put } = yield* s3Server
      yield* put("set/a.bin", bytes)
      yield* put("set/empty", new Uint8Array(0))
      const store = openByteStore({ blockBytes: 128, cacheBytes: 512 }, { local: localBytes(), remote: s3Bytes(environment) })
      const file = "s3://data/set/a.bin"
      assert.strictEqual(yield* store.size(file), 1000)
      assert.deepStrictEqual(yield* store.list("s3://data/set"), [
        { name: "a.bin", size: 1000 },
        { name: "empty", size: 0 }
      ])
      for (const [from, length] of [
        [0, 1000],
        [0, 1],
        [999, 1],
        [127, 2],
        [128, 128],
        [100, 500],
        [5, 0]
      ] as const)
        assert.deepStrictEqual(yield* store.read(file, from, length), bytes.slice(from, from + length))
      assert.deepEqual(joined(yield* Stream.runCollect(store.stream(file))), Buffer.from(bytes))
      assert.strictEqual((yield* store.whole("s3://data/set/empty")).length, 0)
      assert.isTrue((yield* Effect.flip(store.read(file, 900, 200))).message.includes("ends at byte 1000"))
      const absent = yield* Effect.flip(store.size("s3://data/set/none"))
      assert.isFalse(absent.transient)
      assert.isAtMost(store.cached(), 512)
    }).pipe(Effect.scoped)
  )

  it.live("tries again after errors that pass, and reads a piece once for all who ask", () =>
    Effect.gen(function* () {
      const { reader, asked } = flaky(2)
      const store = openByteStore({ blockBytes: 256, retries: 2, ahead: 0 }, { local: reader, remote: reader })
      const read = yield* Effect.replicateEffect(store.read("s3://toy/x", 10, 20), 8).pipe(
        Effect.andThen(store.read("s3://toy/x", 0, 256))
      )
      assert.deepStrictEqual(read, bytes.slice(0, 256))
      assert.strictEqual(asked(), 6)
    })
  )

  it.live("does not try again after an error that stays, nor without end", () =>
    Effect.gen(function* () {
      const stays = flaky(9, false)
      const one = openByteStore({}, { local: stays.reader, remote: stays.reader })
      yield* Effect.flip(one.size("s3://toy/x"))
      assert.strictEqual(stays.asked(), 1)
      const passes = flaky(9)
      const other = openByteStore({ retries: 2 }, { local: passes.reader, remote: passes.reader })
      yield* Effect.flip(other.size("x"))
      assert.strictEqual(passes.asked(), 3)
    })
  )
})
