import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import { contentOf, everySample } from "./every-sample.ts"
import { folderWith } from "./folder-with.ts"

describe("a folder of images", () => {
  it.effect("gives those with a text beside them, a caption a line, in the order of their names", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith({
        "b.jpg": "B",
        "b.txt": "one\r\n\n two \n",
        "deep/er/a.PNG": "A",
        "deep/er/a.txt": "three",
        "alone.webp": "C",
        "said.jpg": "D",
        "said.json": '{"text": "four", "__proto__": {"captions": ["theirs"]}}',
        "notes.txt": "no image"
      })
      const value = yield* openSource(folder)
      const samples = yield* everySample(value)
      assert.deepStrictEqual(
        samples.map(({ id, group, image, captions }) => ({ id, group, image: contentOf(image), captions })),
        [
          { id: "b.jpg", group: 0, image: "B", captions: ["one", " two "] },
          { id: "deep/er/a.PNG", group: 1, image: "A", captions: ["three"] },
          { id: "said.jpg", group: 2, image: "D", captions: ["four"] }
        ]
      )
      assert.deepStrictEqual(value.issues, [
        { kind: "ignored", reason: "image without a .txt or .json beside it", count: 1, first: "alone.webp" },
        { kind: "ignored", reason: "other file (.txt)", count: 1, first: "notes.txt" }
      ])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("the files of a folder of images", () => {
  it.effect("may have endings in capitals, as the members of tars", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith({
        "A.JPG": "A",
        "A.TXT": "one",
        "b.Png": "B",
        "b.Json": '{"caption": "two"}',
        "c.jpeg": "C",
        "c.txt": "three",
        "c.TXT": "not this"
      })
      const samples = yield* everySample(yield* openSource(folder))
      assert.deepStrictEqual(
        samples.map(({ id, captions }) => [id, ...captions]),
        [
          ["A.JPG", "one"],
          ["b.Png", "two"],
          ["c.jpeg", "three"]
        ]
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("are passed over where a desktop left them, and counted where they are no part of a pair", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith({
        "a.jpg": "A",
        "a.txt": "one",
        "a.json": "{}",
        "._a.jpg": "fork",
        "._a.txt": "fork",
        ".DS_Store": "x",
        "in/Thumbs.db": "x",
        "in/b.v1.5.jpg": "B",
        "in/b.v1.5.txt": "two",
        "__MACOSX/._c.jpg": "fork",
        ".ipynb_checkpoints/a.jpg": "copy",
        ".ipynb_checkpoints/a.txt": "copy",
        "README.md": "x",
        LICENSE: "x",
        "labels.npy": "x"
      })
      const source = yield* openSource(folder)
      assert.deepStrictEqual([source.id(0), source.id(1), source.count], ["a.jpg", "in/b.v1.5.jpg", 2])
      // Which of several is listed first is the file system's affair.
      const told = source.issues.map(
        ({ kind, reason, count, first }) => `${kind} ${count} × ${reason}${count > 1 ? "" : ` (${first})`}`
      )
      assert.deepStrictEqual([...told].sort(), [
        "ignored 1 × file of Windows' explorer (in/Thumbs.db)",
        "ignored 1 × hidden file (.DS_Store)",
        "ignored 1 × other file (.md) (README.md)",
        "ignored 1 × other file (.npy) (labels.npy)",
        "ignored 1 × other file (without ending) (LICENSE)",
        "ignored 2 × file in a folder of a program's own",
        "ignored 3 × resource fork of macOS"
      ])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
