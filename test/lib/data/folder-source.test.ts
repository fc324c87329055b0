import { dirname } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { folderSource } from "../../../lib/data/folder-source.ts"

/** A new folder with some files, gone after the test. */
const folderWith = Effect.fnUntraced(function* (contents: { readonly [name: string]: string }) {
  const files = yield* FileSystem.FileSystem
  const folder = yield* files.makeTempDirectoryScoped()
  for (const [name, text] of Object.entries(contents)) {
    yield* files.makeDirectory(dirname(`${folder}/${name}`), { recursive: true })
    yield* files.writeFileString(`${folder}/${name}`, text)
  }
  return folder
})
const all = (source: Effect.Success<ReturnType<typeof folderSource>>) =>
  Effect.forEach(Array.from({ length: source.count }), (_, index) => source.sample(index))
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe("a list of pictures", () => {
  it.effect("gives each entry, with paths beside the list, one caption or several, and one group a picture", () =>
    Effect.gen(function* () {
      const list = [
        { image: "a.jpg", caption: "one" },
        { image: "in/b.png", caption: ["two", "", "three"] },
        { image: "a.jpg", caption: "four", more: 1 }
      ]
      const folder = yield* folderWith({ "list.json": JSON.stringify(list), "a.jpg": "A", "in/b.png": "B" })
      const source = yield* folderSource(`${folder}/list.json`)
      const samples = yield* all(source)
      assert.deepStrictEqual(
        samples.map(({ id, group, picture, captions }) => ({ id, group, picture: text(picture), captions })),
        [
          { id: "a.jpg", group: 0, picture: "A", captions: ["one"] },
          { id: "in/b.png", group: 1, picture: "B", captions: ["two", "three"] },
          { id: "a.jpg#2", group: 0, picture: "A", captions: ["four"] }
        ]
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("is refused whole, in one line, when it is no such list", () =>
    Effect.gen(function* () {
      const cases = {
        "[": /list\.json: no JSON: /,
        '{"image": "a"}': /list\.json: not a list of image and caption: /,
        '[{"image": "a.jpg"}]': /not a list of image and caption: .*caption/,
        '[{"image": "", "caption": "x"}]': /not a list of image and caption: /,
        "[]": /list\.json: no picture with a caption/
      }
      for (const [content, message] of Object.entries(cases)) {
        const folder = yield* folderWith({ "list.json": content })
        const error = yield* Effect.flip(folderSource(`${folder}/list.json`))
        assert.strictEqual(error._tag, "DataError")
        assert.match(error.message, message)
        assert.notInclude(error.message, "\n")
      }
      const missing = yield* Effect.flip(folderSource("nowhere/list.json"))
      assert.match(missing.message, /^nowhere\/list\.json: no such data: /)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("fails sample by sample for pictures that cannot be read and captions that say nothing", () =>
    Effect.gen(function* () {
      const list = [
        { image: "gone.jpg", caption: "one" },
        { image: "a.jpg", caption: " " },
        { image: "folder", caption: "two" }
      ]
      const folder = yield* folderWith({ "list.json": JSON.stringify(list), "a.jpg": "A", "folder/x": "" })
      const source = yield* folderSource(`${folder}/list.json`)
      const messages = yield* Effect.forEach([0, 1, 2], (index) => Effect.map(Effect.flip(source.sample(index)), String))
      assert.match(messages[0]!, /gone\.jpg: unreadable\(/)
      assert.include(messages[1], "sample a.jpg: no-caption")
      assert.include(messages[2], "sample folder: not-a-file(Directory)")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("has sample digests of what is in the files", () =>
    Effect.gen(function* () {
      const list = JSON.stringify([{ image: "a.jpg", caption: "one" }])
      const digest = (content: string) =>
        Effect.gen(function* () {
          const source = yield* folderSource(`${yield* folderWith({ "list.json": list, "a.jpg": content })}/list.json`)
          return yield* source.sampleDigest(0)
        })
      assert.strictEqual(yield* digest("A"), yield* digest("A"))
      assert.notStrictEqual(yield* digest("A"), yield* digest("B"))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("a folder of pictures", () => {
  it.effect("gives those with a text beside them, a caption a line, in the order of their names", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith({
        "b.jpg": "B",
        "b.txt": "one\r\n\n two \n",
        "deep/er/a.PNG": "A",
        "deep/er/a.txt": "three",
        "alone.webp": "C",
        "notes.txt": "no picture"
      })
      const source = yield* folderSource(folder)
      const samples = yield* all(source)
      assert.deepStrictEqual(
        samples.map(({ id, group, picture, captions }) => ({ id, group, picture: text(picture), captions })),
        [
          { id: "b.jpg", group: 0, picture: "B", captions: ["one", " two "] },
          { id: "deep/er/a.PNG", group: 1, picture: "A", captions: ["three"] }
        ]
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("is refused without a single one", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(folderSource(yield* folderWith({ "a.jpg": "A" })))
      assert.match(error.message, /: no picture with a caption$/)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
