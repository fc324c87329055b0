import { appendFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Logger, Result } from "effect"
import fc from "fast-check"
import { openSource } from "../../../../lib/data/open-source.ts"
import { seed } from "../../../seed.ts"
import { image } from "../../cli/odd-images.ts"

const secret = "SECRET caption of a dog"
const newFolder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
const quiet = Effect.provide([NodeServices.layer, Logger.layer([])])

/** Opens a text as a list and reads all of it; the sentence of what was refused, if anything was. */
const reading = Effect.fnUntraced(function* (file: string, content: string | Uint8Array) {
  writeFileSync(file, content)
  const opened = yield* Effect.result(openSource(file))
  if (Result.isFailure(opened)) return opened.failure.message
  const source = opened.success
  for (let index = 0; index < Math.min(source.count, 20); index++) yield* Effect.result(source.sample(index))
  return undefined
})

describe("a list of wrong types", () => {
  it.effect("is refused in one line that says where, and never a caption", () =>
    Effect.gen(function* () {
      const file = join(yield* newFolder, "list.json")
      const good = { image: "a.jpg", caption: secret }
      const wrong: readonly unknown[] = [
        [good, { image: 5, caption: secret }],
        [good, { image: null, caption: secret }],
        [good, { image: "b.jpg", caption: { text: secret } }],
        [good, { image: "b.jpg", caption: [secret, [secret]] }],
        [good, { image: [secret], caption: secret }],
        [good, secret],
        [good, [secret]],
        [good, null],
        [secret],
        [[secret]],
        secret,
        { images: secret, annotations: [] },
        { images: [{ id: 1, file_name: 5 }], annotations: [{ image_id: 1, caption: secret }] },
        { images: [{ id: 1, file_name: "a.jpg" }], annotations: [{ image_id: "x", caption: secret }] },
        { images: [{ id: 1, file_name: "a.jpg" }], annotations: [{ image_id: 1, caption: { a: secret } }] },
        { images: [{ filename: "a.jpg", split: "train", sentences: [{ raw: 5 }, secret] }] }
      ]
      for (const value of wrong) {
        const text = JSON.stringify(value)
        const refused = yield* reading(file, text)
        if (refused !== undefined) {
          assert.notInclude(refused, secret, text)
          assert.notInclude(refused, "\n", text)
        }
      }
    }).pipe(Effect.scoped, quiet)
  )

  it.effect("as CSV or TSV is refused or read, and never says a caption", () =>
    Effect.gen(function* () {
      const file = join(yield* newFolder, "list.csv")
      for (const text of [
        `filepath,title\na.jpg,"${secret}`,
        `filepath\ttitle\na.jpg\t${secret}\textra\n`,
        `a,b\n${secret},${secret}\n`,
        `${secret}\n`,
        `filepath,title\n\u0000,${secret}\n`,
        `filepath,title\n../../etc/passwd,${secret}\n`
      ]) {
        const refused = yield* reading(file, text)
        if (refused !== undefined) assert.notInclude(refused, `,${secret}`, JSON.stringify(text))
      }
    }).pipe(Effect.scoped, quiet)
  )
})

describe("a list that reaches for more than its data", () => {
  it.effect("changes no object's prototype", () =>
    Effect.gen(function* () {
      const folder = yield* newFolder
      writeFileSync(join(folder, "a.jpg"), yield* image(1, "jpeg"))
      const items = [
        '{"image": "a.jpg", "caption": "one", "__proto__": {"polluted": 1}}',
        '{"__proto__": {"image": "a.jpg", "caption": "two"}}',
        '{"image": "__proto__", "caption": "three"}',
        '{"image": "a.jpg", "caption": "four", "constructor": {"prototype": {"polluted": 1}}}'
      ]
      for (const list of [
        `[${items[0]}, ${items[3]}]`,
        `[${items.join()}]`,
        '{"__proto__": [{"image": "a.jpg", "caption": "x"}]}'
      ])
        yield* reading(join(folder, "list.json"), list)
      assert.isUndefined(({} as { readonly polluted?: number }).polluted)
      assert.isUndefined(([] as { readonly polluted?: number }).polluted)
    }).pipe(Effect.scoped, quiet)
  )

  it.effect("reads no file outside its folder", () =>
    Effect.gen(function* () {
      const folder = yield* newFolder
      writeFileSync(join(folder, "a.jpg"), yield* image(1, "jpeg"))
      for (const image of [
        "../outside.jpg",
        "/etc/passwd",
        "x/../../outside.jpg",
        "a.jpg\u0000.png",
        "file:///etc/passwd",
        "C:\\evil"
      ]) {
        const file = join(folder, "list.json")
        writeFileSync(
          file,
          JSON.stringify([
            { image: "a.jpg", caption: "one" },
            { image, caption: "two" }
          ])
        )
        const source = yield* openSource(file)
        const read = yield* Effect.result(source.sample(1))
        assert.isTrue(Result.isFailure(read), image)
      }
    }).pipe(Effect.scoped, quiet)
  )

  it.effect("fetches nothing from its URLs unless that was asked for, and keeps them out of its ids", () =>
    Effect.gen(function* () {
      const url = "http://127.0.0.1:1/a.jpg?token=SECRET"
      const file = join(yield* newFolder, "list.json")
      writeFileSync(file, JSON.stringify([{ image: url, caption: "one" }]))
      const source = yield* openSource(file)
      const { message } = yield* Effect.flip(source.sample(0))
      assert.match(message, /urls-off$/)
      assert.notInclude(message, "SECRET")
    }).pipe(Effect.scoped, quiet)
  )
})

describe("a list of any text", () => {
  it.effect("is read or refused, whatever is in it", () =>
    Effect.gen(function* () {
      const file = join(yield* newFolder, "list")
      const odd = fc.oneof(
        fc.json({ maxDepth: 4 }),
        fc
          .array(fc.record({ image: fc.jsonValue(), caption: fc.jsonValue() }, { requiredKeys: [] }))
          .map((list) => JSON.stringify(list)),
        fc.string({ unit: "binary", maxLength: 300 }),
        fc
          .array(fc.constantFrom('{"', "image", '":', "[", "]", "}", '"', ",", "\t", "\n", "a.jpg", "caption"), { maxLength: 40 })
          .map((parts) => parts.join(""))
      )
      for (const text of fc.sample(odd, { seed, numRuns: 80 })) {
        const refused = yield* reading(file, text)
        if (refused !== undefined) assert.notInclude(refused, "\n")
      }
    }).pipe(Effect.scoped, quiet)
  )
})

describe("a list of a million images", () => {
  it.live("is opened in little memory, and gives its last image as its first", () =>
    Effect.gen(function* () {
      const folder = yield* newFolder
      const file = join(folder, "list.json")
      writeFileSync(join(folder, "999999.jpg"), yield* image(9, "jpeg"))
      const count = 1_000_000
      writeFileSync(file, "[")
      for (let from = 0; from < count; from += 50_000) {
        const items = Array.from({ length: 50_000 }, (_, i) => `{"image":"${from + i}.jpg","caption":"caption ${from + i}"}`)
        appendFileSync(file, `${from === 0 ? "" : ","}${items.join()}`)
      }
      appendFileSync(file, "]")
      const source = yield* openSource(file)
      assert.strictEqual(source.count, count)
      const last = yield* source.sample(count - 1)
      assert.deepStrictEqual([last.id, last.captions], ["999999.jpg", ["caption 999999"]])
      assert.isBelow(process.memoryUsage().heapUsed, 600 * 2 ** 20)
    }).pipe(Effect.scoped, quiet)
  )
})
