import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { afterAll } from "vitest"
import { writeTar } from "../../../lib/data/tar/write-tar.ts"
import { imageFolder } from "./images.ts"
import { jsonLines, prepareTiny, prepareToy } from "./prepared.ts"
import { temporaryRoot } from "./root.ts"

const root = temporaryRoot("unusable-set")
afterAll(() => rmSync(root, { recursive: true, force: true }))

const settings = { resize: "none", shardSize: 7 } as const
const nameOf = (number: number) => `p${String(number).padStart(4, "0")}`

/** Texts that are none, and what is said of the first: of another encoding, blank, or no JSON. */
const faults = {
  latin: [".txt", Buffer.from("caf\xe9", "latin1"), "not-utf8", "byte 0xe9 at 3; the texts' encoding is named by ?encoding="],
  blank: [".txt", Buffer.from(" \n"), "no-caption", ""],
  broken: [".json", Buffer.from('{"caption": "one"'), "broken-json", ""]
} as const

/** A folder of images, the first `bad` of which have no usable text. */
const folderWithout = Effect.fnUntraced(function* (name: string, count: number, bad: number, fault: keyof typeof faults) {
  const folder = yield* Effect.promise(() => imageFolder(join(root, name), count))
  const [ending, bytes] = faults[fault]
  for (let number = 0; number < bad; number++) {
    rmSync(join(folder, `${nameOf(number)}.txt`))
    writeFileSync(join(folder, `${nameOf(number)}${ending}`), bytes)
  }
  return folder
})

layer(NodeServices.layer, { excludeTestServices: true })("prepare of samples whose texts cannot be used", (it) => {
  for (const fault of ["latin", "blank", "broken"] as const)
    it.effect(`stops once they are more than the budget: ${fault}`, () =>
      Effect.gen(function* () {
        const [, , kind, detail] = faults[fault]
        const data = yield* folderWithout(fault, 24, 20, fault)
        const out = join(root, `${fault}-out`)
        for (const [workers, dedupe] of [
          [0, "none"],
          [0, "exact"],
          [1, "none"]
        ] as const) {
          // A thread knows the tables of the real command line.
          const prepare = workers === 0 ? prepareToy : prepareTiny
          const error = yield* Effect.flip(prepare(data, `${out}-${workers}-${dedupe}`, { ...settings, dedupe }, workers))
          assert.strictEqual(error._tag, "TooManyBadSamples")
          const said = `data: N samples could not be used (of 24 in ${data}; the limit is 10): N × ${kind} (`
          assert.include(error.message.replace(/: \d+ samples/, ": N samples").replace(/\d+ ×/, "N ×"), said)
          assert.include(error.message, `${detail})`)
          if (workers === 0) assert.include(error.message, "data: 11 samples")
          assert.isFalse(existsSync(join(`${out}-${workers}-${dedupe}`, "manifest.json")))
        }
      })
    )

  it.effect("counts them where they are few, in a folder that is gone on with too", () =>
    Effect.gen(function* () {
      const data = yield* folderWithout("few", 24, 10, "latin")
      const out = join(root, "few-out")
      for (const _ of [0, 1]) {
        const { set } = yield* prepareToy(data, out, settings)
        assert.deepStrictEqual([set.counts.samples, set.counts.reasons], [14, { "not-utf8": 10 }])
      }
    })
  )

  it.effect("counts those of finished shards with the others", () =>
    Effect.gen(function* () {
      const data = yield* folderWithout("on", 24, 20, "latin")
      const out = join(root, "on-out")
      yield* Effect.flip(prepareToy(data, out, settings))
      assert.isTrue(existsSync(join(out, "shard-000000.stats.json")))
      const error = yield* Effect.flip(prepareToy(data, out, settings))
      assert.include(error.message, "data: 11 samples could not be used")
    })
  )

  it.effect("is the same for tars", () =>
    Effect.gen(function* () {
      const images = yield* Effect.promise(() => imageFolder(join(root, "for-tar"), 12))
      const data = join(root, "data.tar")
      const members = Array.from({ length: 12 }, (_, i) => [
        { name: `${i}.jpg`, bytes: readFileSync(join(images, `${nameOf(i)}.jpg`)) },
        { name: `${i}.txt`, bytes: Buffer.from(i < 11 ? "caf\xe9" : "good", "latin1") }
      ]).flat()
      writeFileSync(data, writeTar(members))
      const error = yield* Effect.flip(prepareToy(data, join(root, "tar-out"), settings))
      assert.include(error.message, "data: 11 samples could not be used (of 12 in ")
    })
  )
})

layer(NodeServices.layer, { excludeTestServices: true })("prepare of images that cannot be used", (it) => {
  const listOf = (name: string, good: number, missing: number) =>
    Effect.gen(function* () {
      const folder = yield* Effect.promise(() => imageFolder(join(root, name), good))
      const list = Array.from({ length: good + missing }, (_, i) => ({ image: `${nameOf(i)}.jpg`, caption: `text ${i}` }))
      writeFileSync(join(folder, "list.json"), JSON.stringify(list))
      return join(folder, "list.json")
    })

  it.effect("counts them, however many they are", () =>
    Effect.gen(function* () {
      const { set } = yield* prepareToy(yield* listOf("missing", 10, 20), join(root, "missing-out"), settings)
      assert.deepStrictEqual([set.counts.samples, set.counts.reasons], [10, { unreadable: 20 }])
    })
  )

  it.effect("makes no set of which nothing is kept, and says why", () =>
    Effect.gen(function* () {
      const data = yield* listOf("nothing", 1, 3)
      rmSync(join(root, "nothing", "p0000.jpg"))
      const out = join(root, "nothing-out")
      const error = yield* Effect.flip(prepareToy(data, out, { ...settings, splits: [{ name: "val", fraction: 0.5 }] }))
      const said = `${out}: none of the 4 samples of ${data} was kept (${out}/quarantine.jsonl names each): 4 × unreadable (p000`
      assert.include(error.message, said)
      assert.isFalse(existsSync(join(out, "manifest.json")) || existsSync(join(out, "val", "manifest.json")))
      assert.strictEqual([out, join(out, "val")].flatMap((each) => jsonLines(join(each, "quarantine.jsonl"))).length, 4)
      const latin = yield* folderWithout("all-latin", 4, 4, "latin")
      assert.include(
        (yield* Effect.flip(prepareToy(latin, join(root, "all-latin-out"), settings))).message,
        "4 × not-utf8 (p0000.jpg: byte 0xe9 at 3; the texts' encoding is named by ?encoding=)"
      )
    })
  )
})
