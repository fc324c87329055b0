import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { folderWith } from "./folder-with.ts"
import { openedText, summaryOf } from "./opened.ts"
import { test } from "./scoped-test.ts"

const issuesOf = (files: { readonly [name: string]: string }, options = "") =>
  Effect.flatMap(folderWith(files), (folder) => Effect.map(summaryOf(folder + options), ({ issues }) => issues))

describe("what a folder has besides its samples", () => {
  test(
    "is no text of an image, however that one's ending is written",
    Effect.gen(function* () {
      const files = { "a.Jpg": "A", "a.txt": "a", "b.jPeG": "B", "b.Txt": "b", "c.PNG": "C", "c.json": '{"caption": "c"}' }
      assert.deepStrictEqual(yield* issuesOf({ ...files, "x.gif": "X", "x.txt": "x" }), [
        "ignored 1 × other file (.gif) (x.gif)",
        "ignored 1 × other file (.txt) (x.txt)"
      ])
    })
  )

  test(
    "is told where a list names its images: others of them, other lists, other files",
    Effect.gen(function* () {
      const list = "file_name,text\n0.jpg,a\n./1.jpg,b\n2.jpg,c\n"
      const one = { "metadata.csv": list, "0.jpg": "A", "1.jpg": "B", "images/2.jpg": "C" }
      assert.deepStrictEqual(yield* issuesOf(one), [])
      assert.deepStrictEqual(yield* issuesOf({ ...one, "extra.jpg": "X", "notes.md": "" }), [
        "ignored 1 × image that the list does not name (extra.jpg)",
        "ignored 1 × other file (.md) (notes.md)"
      ])
      const named = { "metadata.csv": "file_name,text\n0.jpg,a\n", "in/0.jpg": "A", "0.jpg": "B" }
      assert.deepStrictEqual(yield* issuesOf({ ...named, "in/1.jpg": "X" }, "?images=in"), [
        "ignored 1 × image that the list does not name (in/1.jpg)"
      ])
      const splits = {
        "train/metadata.csv": "file_name,text\n0.jpg,a\n",
        "train/0.jpg": "A",
        "test/metadata.csv": "file_name,text\n0.jpg,a\n1.jpg,b\n",
        "test/0.jpg": "B",
        "test/1.jpg": "C"
      }
      assert.deepStrictEqual(yield* issuesOf(splits), [
        "ignored 2 × image that the list does not name (test/0.jpg)",
        "ignored 1 × list of another split (test/metadata.csv)"
      ])
      assert.deepStrictEqual(yield* issuesOf(splits, "?split=test"), [
        "ignored 1 × image that the list does not name (train/0.jpg)",
        "ignored 1 × list of another split (train/metadata.csv)"
      ])
    })
  )
})

describe("an entry whose split is empty", () => {
  test(
    "is told as one without a split",
    Effect.gen(function* () {
      const opened = yield* openedText("filepath,title,split\na.jpg,a,train\np0.jpg,b,\n0.jpg,c,test\n")
      assert.deepStrictEqual(opened, {
        samples: [["a.jpg", "a"]],
        issues: [
          "ignored 1 × of split test (?split= names those that are taken)",
          "ignored 1 × without a split (?split=all takes them too)"
        ]
      })
      assert.strictEqual(
        yield* openedText('[{"image": "a.jpg", "caption": "a", "split": " "}]'),
        "list.txt: no image of split train or restval; there is without a split (1): choose by ?split="
      )
    })
  )
})
