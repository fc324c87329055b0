import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit, FileSystem, Scope } from "effect"
import fc from "fast-check"
import { type ContentCache, openContentCache } from "../../../lib/store/content-cache.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { seed } from "../../seed.ts"
import { crashingDisk } from "./failing-disk.ts"

const keyOf = (name: string | number) => sha256(String(name))
const text = (content: string) => new TextEncoder().encode(content)

layer(NodeServices.layer)("openContentCache", (it) => {
  const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
  const using = <A, E, R>(inside: string, use: (cache: ContentCache) => Effect.Effect<A, E, R>) =>
    Effect.scoped(Effect.flatMap(openContentCache(inside), use))
  const packOf = (inside: string) => join(inside, readdirSync(inside)[0]!)

  it.effect("gives back what was put, in the same process and the next", () =>
    Effect.gen(function* () {
      const inside = join(yield* folder, "tokenize")
      yield* using(inside, (cache) =>
        Effect.gen(function* () {
          assert.isUndefined(yield* cache.get(keyOf(1)))
          yield* cache.put(keyOf(1), text("one"))
          yield* cache.putMany([
            [keyOf(2), new Uint8Array(0)],
            [keyOf(3), new Uint8Array(3_000_000).fill(7)],
            [keyOf(2), new Uint8Array(0)]
          ])
          assert.deepStrictEqual(yield* cache.get(keyOf(1)), text("one"))
          assert.strictEqual(cache.size(), 3)
        })
      )
      yield* using(inside, (cache) =>
        Effect.gen(function* () {
          assert.strictEqual(cache.size(), 3)
          assert.isTrue(cache.has(keyOf(3)))
          assert.isFalse(cache.has(keyOf(4)))
          const read = yield* cache.getMany([3, 4, 2, 1].map(keyOf))
          assert.deepStrictEqual(read, [new Uint8Array(3_000_000).fill(7), undefined, new Uint8Array(0), text("one")])
        })
      )
    })
  )

  it.effect("behaves as a map whose first value stays, over any puts, gets and reopenings", () =>
    Effect.gen(function* () {
      const command = fc.oneof(
        fc.record({ put: fc.nat(8), content: fc.uint8Array({ maxLength: 3000 }) }),
        fc.record({ get: fc.nat(8) }),
        fc.constant({ reopen: true })
      )
      const runs = fc.sample(fc.array(command, { maxLength: 30 }), { seed, numRuns: 40 })
      for (const commands of runs) {
        const inside = yield* folder
        const known = new Map<number, Uint8Array>()
        let scope = yield* Scope.make()
        let cache = yield* Effect.provideService(openContentCache(inside), Scope.Scope, scope)
        for (const step of commands) {
          if ("put" in step) {
            yield* cache.put(keyOf(step.put), step.content)
            if (!known.has(step.put)) known.set(step.put, step.content)
          } else if ("get" in step) {
            const read = yield* cache.get(keyOf(step.get))
            assert.deepStrictEqual(read, known.get(step.get))
          } else {
            yield* Scope.close(scope, Exit.void)
            scope = yield* Scope.make()
            cache = yield* Effect.provideService(openContentCache(inside), Scope.Scope, scope)
            assert.strictEqual(cache.size(), known.size)
          }
        }
        yield* Scope.close(scope, Exit.void)
      }
    })
  )

  it.effect("writes no file until something is put, and nothing for keys it has", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      yield* using(inside, (cache) => cache.get(keyOf(1)))
      assert.deepStrictEqual(readdirSync(inside), [])
      yield* using(inside, (cache) => cache.put(keyOf(1), text("one")))
      yield* using(inside, (cache) => cache.put(keyOf(1), text("one")))
      assert.strictEqual(readdirSync(inside).length, 1)
    })
  )

  it.effect("keeps the records of writers that are open at once apart, and the next reader finds all", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const write = (from: number) =>
        using(inside, (cache) =>
          Effect.forEach(
            Array.from({ length: 50 }, (_, i) => from + i),
            (n) => cache.put(keyOf(n), text(`value ${n}`)),
            {
              concurrency: 5
            }
          )
        )
      yield* Effect.all([write(0), write(30), write(60)], { concurrency: 3 })
      assert.strictEqual(readdirSync(inside).length, 3)
      yield* using(inside, (cache) =>
        Effect.gen(function* () {
          assert.strictEqual(cache.size(), 110)
          for (let n = 0; n < 110; n++) assert.deepStrictEqual(yield* cache.get(keyOf(n)), text(`value ${n}`))
        })
      )
    })
  )

  it.effect("reads what is whole of a pack cut at any byte", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      yield* using(inside, (cache) => cache.putMany([1, 2, 3].map((n) => [keyOf(n), text(`value ${n}`)] as const)))
      const path = packOf(inside)
      const whole = readFileSync(path)
      for (let length = whole.length; length >= 0; length--) {
        truncateSync(path, length)
        const records = Math.max(0, Math.floor((length - 8) / 51))
        yield* using(inside, (cache) =>
          Effect.gen(function* () {
            assert.strictEqual(cache.size(), records)
            if (records > 0) assert.deepStrictEqual(yield* cache.get(keyOf(records)), text(`value ${records}`))
          })
        )
      }
    })
  )

  it.effect("misses a record whose bytes changed, never returns it, and takes it again", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      yield* using(inside, (cache) => cache.putMany([1, 2].map((n) => [keyOf(n), text(`value ${n}`)] as const)))
      const path = packOf(inside)
      const whole = readFileSync(path)
      for (let at = 0; at < whole.length; at++) {
        const altered = Uint8Array.from(whole)
        altered[at]! ^= 16
        writeFileSync(path, altered)
        yield* using(inside, (cache) =>
          Effect.gen(function* () {
            const read = yield* cache.getMany([1, 2].map(keyOf))
            for (const [i, content] of read.entries()) {
              if (content !== undefined) assert.deepStrictEqual(content, text(`value ${i + 1}`))
            }
            assert.include(read, undefined)
          })
        )
      }
      const altered = Uint8Array.from(whole)
      altered[whole.length - 1]! ^= 1
      writeFileSync(path, altered)
      yield* using(inside, (cache) =>
        Effect.gen(function* () {
          assert.isUndefined(yield* cache.get(keyOf(2)))
          assert.isFalse(cache.has(keyOf(2)))
          yield* cache.put(keyOf(2), text("value 2"))
          assert.deepStrictEqual(yield* cache.get(keyOf(2)), text("value 2"))
        })
      )
    })
  )

  it.effect("cuts off a write that failed and goes on after it", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const records = [1, 2, 3].map((n) => [keyOf(n), text(`value ${n}`)] as const)
      for (let last = 2; last < 9; last++) {
        const disk = crashingDisk(last)
        const attempt = using(inside, (cache) => Effect.forEach(records, ([key, content]) => cache.put(key, content)))
        yield* Effect.exit(attempt.pipe(Effect.provide(disk.layer, { local: true })))
        yield* using(inside, (cache) =>
          Effect.gen(function* () {
            for (const [key, content] of records) {
              if (cache.has(key)) assert.deepStrictEqual(yield* cache.get(key), content)
              yield* cache.put(key, content)
            }
          })
        )
      }
    })
  )

  it.effect("leaves other files alone, and takes a pack that is something else as empty", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      writeFileSync(join(inside, "notes.txt"), "hello")
      writeFileSync(join(inside, "a.pack"), "not a pack at all, but long enough to be one")
      writeFileSync(join(inside, "b.pack"), "")
      appendFileSync(join(inside, "notes.txt"), "!")
      yield* using(inside, (cache) => Effect.sync(() => assert.strictEqual(cache.size(), 0)))
      assert.strictEqual(readFileSync(join(inside, "notes.txt"), "utf8"), "hello!")
    })
  )

  it.effect("refuses a key that is not a digest", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(using(yield* folder, (cache) => cache.get("../x")))
      assert.isTrue(Exit.isFailure(exit))
      assert.include(String(Exit.isFailure(exit) ? exit.cause : ""), "cache key: expected 64 hexadecimal digits, got '../x'")
    })
  )
})
