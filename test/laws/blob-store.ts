import { randomBytes } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import * as fc from "fast-check"
import { BlobStore } from "../../lib/store/blob/blob-store.ts"
import { sha256 } from "../../lib/store/digest.ts"
import { seed } from "../seed.ts"

const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const words = (content: Uint8Array): string => new TextDecoder().decode(content)

/** A name no key had before, to keep a law's keys under. */
const fresh = (): string => randomBytes(8).toString("hex")

type Store = BlobStore["Service"]

/** Every key under a prefix, by pages of `limit`. */
export const listAll = Effect.fnUntraced(function* (store: Store, prefix: string, limit = 1000) {
  const keys: string[] = []
  for (let after: string | undefined; ; ) {
    const page = yield* store.list(prefix, { limit, ...(after === undefined ? {} : { after }) })
    assert.isAtMost(page.blobs.length, limit)
    keys.push(...page.blobs.map(({ key }) => key))
    if (page.next === undefined) return keys
    after = page.next
  }
})

const wrongKeys = [
  "",
  "/a",
  "a/",
  "a//b",
  ".",
  "..",
  "../a",
  "a/../b",
  ".a",
  "a/.b",
  "a\u0000",
  "a b",
  "é",
  "a\\b",
  "a%2e",
  "a".repeat(513)
]

const segment = fc.string({ unit: fc.constantFrom("a", "b", "Z", "0", "-", ".", "_", "="), minLength: 1, maxLength: 3 })
const keys = fc
  .uniqueArray(
    fc
      .array(
        segment.filter((name) => !name.startsWith(".")),
        { minLength: 1, maxLength: 3 }
      )
      .map((names) => names.join("/")),
    { minLength: 1, maxLength: 12 }
  )
  .map((all) => all.filter((key) => !all.some((other) => other.startsWith(`${key}/`))))

type Law = (store: Store, key: string) => Effect.Effect<void, unknown>

const laws: { readonly [problem: string]: Law } = {
  "what is put is read, whatever its bytes, with its size, time and SHA-256": Effect.fn(function* (store, key) {
    const before = Date.now()
    for (const length of [0, 1, 1000, 300_000]) {
      const content = randomBytes(length)
      const here = `${key}/${length}`
      assert.strictEqual(yield* store.putIfAbsent(here, content), "created")
      const got = yield* store.get(here)
      assert.isTrue(content.equals(got.content))
      assert.strictEqual(got.sha256, sha256(content))
      const { modified, ...head } = yield* store.head(here)
      assert.deepEqual(head, { key: here, bytes: length, sha256: sha256(content) })
      assert.closeTo(modified, before, 60_000)
    }
  }),
  "a content of many parts is put and read, and a second one is not": Effect.fn(function* (store, key) {
    const content = randomBytes(11 * 2 ** 20)
    assert.strictEqual(yield* store.putIfAbsent(key, content), "created")
    assert.strictEqual(yield* store.putIfAbsent(key, randomBytes(11 * 2 ** 20)), "already")
    assert.strictEqual((yield* store.get(key)).sha256, sha256(content))
  }),
  "a key that is taken keeps its first content, whatever is put later": Effect.fn(function* (store, key) {
    assert.strictEqual(yield* store.putIfAbsent(key, text("first")), "created")
    assert.strictEqual(yield* store.putIfAbsent(key, text("second")), "already")
    assert.strictEqual(yield* store.putIfAbsent(key, text("first")), "already")
    assert.strictEqual(words((yield* store.get(key)).content), "first")
  }),
  "of racing puts one creates, and its content is what is read": Effect.fn(function* (store, key) {
    for (let round = 0; round < 5; round++) {
      const here = `${key}/${round}`
      const made = yield* Effect.forEach(
        Array.from({ length: 8 }, (_, i) => i),
        (i) => store.putIfAbsent(here, text(`${i}`)),
        {
          concurrency: "unbounded"
        }
      )
      const winners = made.flatMap((outcome, i) => (outcome === "created" ? [`${i}`] : []))
      assert.deepEqual([words((yield* store.get(here)).content)], winners)
    }
  }),
  "a reader that expects another content is told both digests": Effect.fn(function* (store, key) {
    yield* store.putIfAbsent(key, text("this"))
    assert.strictEqual(words((yield* store.get(key, sha256("this"))).content), "this")
    const error = yield* Effect.flip(store.get(key, sha256("that")))
    assert.strictEqual(error._tag, "BlobDamaged")
    assert.strictEqual(error.message, `${store.location}: ${key}: SHA-256 is ${sha256("this")}, expected ${sha256("that")}`)
  }),
  "a key that is not there is missing, and as good as deleted": Effect.fn(function* (store, key) {
    assert.strictEqual((yield* Effect.flip(store.get(key)))._tag, "BlobMissing")
    assert.strictEqual((yield* Effect.flip(store.head(key)))._tag, "BlobMissing")
    yield* store.delete(key)
    assert.deepEqual(yield* store.list(`${key}/`), { blobs: [], next: undefined })
  }),
  "a deleted key is gone, and free": Effect.fn(function* (store, key) {
    yield* store.putIfAbsent(key, text("old"))
    yield* store.delete(key)
    assert.strictEqual((yield* Effect.flip(store.get(key)))._tag, "BlobMissing")
    assert.deepEqual((yield* store.list(key)).blobs, [])
    assert.strictEqual(yield* store.putIfAbsent(key, text("new")), "created")
    assert.strictEqual(words((yield* store.get(key)).content), "new")
  }),
  "what is not a key is refused by every operation": Effect.fn(function* (store) {
    for (const key of wrongKeys) {
      const operations: ReadonlyArray<Effect.Effect<unknown, { readonly _tag: string }>> = [
        store.get(key),
        store.head(key),
        store.putIfAbsent(key, text("")),
        store.delete(key)
      ]
      for (const operation of operations) assert.strictEqual((yield* Effect.flip(operation))._tag, "BlobRefused", key)
    }
  }),
  "keys are listed in order, by prefix, from any place on, page by page": Effect.fn(function* (store, under) {
    const drawn = fc.sample(fc.tuple(keys, segment, segment, fc.integer({ min: 1, max: 4 })), { seed, numRuns: 8 })
    for (const [i, [names, prefix, after, limit]] of drawn.entries()) {
      const here = `${under}/${i}/`
      for (const name of names) yield* store.putIfAbsent(here + name, text(name))
      const sorted = names.map((name) => here + name).sort()
      assert.deepEqual(yield* listAll(store, here, limit), sorted)
      assert.deepEqual(
        yield* listAll(store, here + prefix, limit),
        sorted.filter((key) => key.startsWith(here + prefix))
      )
      const { blobs, next } = yield* store.list(here, { after: here + after })
      assert.deepEqual(
        blobs.map(({ key, bytes }) => [key, bytes]),
        sorted.filter((key) => key > here + after).map((key) => [key, key.length - here.length])
      )
      assert.isUndefined(next)
    }
  }),
  "any history of puts, reads and deletions is that of a map whose entries stay": Effect.fn(function* (store, under) {
    const step = fc.record({ op: fc.constantFrom("put", "get", "delete", "list"), key: fc.nat(3), value: fc.nat(99) })
    const histories = fc.sample(fc.array(step, { minLength: 10, maxLength: 25 }), { seed, numRuns: 4 })
    for (const [i, history] of histories.entries()) {
      const model = new Map<string, string>()
      const here = `${under}/${i}/`
      for (const { op, key: name, value } of history) {
        const key = `${here}${name}`
        const held = model.get(key)
        if (op === "put") {
          assert.strictEqual(yield* store.putIfAbsent(key, text(`${value}`)), held === undefined ? "created" : "already")
          model.set(key, held ?? `${value}`)
        } else if (op === "delete") {
          yield* store.delete(key)
          model.delete(key)
        } else if (op === "list") assert.deepEqual(yield* listAll(store, here, 2), [...model.keys()].sort())
        else if (held === undefined) assert.strictEqual((yield* Effect.flip(store.get(key)))._tag, "BlobMissing")
        else assert.strictEqual(words((yield* store.get(key)).content), held)
      }
    }
  })
}

/** The laws of every implementation of `BlobStore`; `name` stands in the titles. */
export const blobStoreLaws = <E>(name: string, stores: Layer.Layer<BlobStore, E>): void =>
  layer(stores, { excludeTestServices: true })(`blob store ${name}`, (it) => {
    for (const [problem, law] of Object.entries(laws))
      it.effect(problem, () => Effect.flatMap(BlobStore, (store) => law(store, fresh())))
  })
