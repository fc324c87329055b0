import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import { ReadLists } from "../../../../lib/data/sources/read-lists.ts"
import { folderWith } from "./folder-with.ts"
import { openedText, summaryOf } from "./opened.ts"
import { test } from "./scoped-test.ts"

describe("JSON lines", () => {
  const lines = ['{"image": "a.jpg", "caption": "one"}', '{"image": "b.jpg", "caption": ["two", "drei"]}']
  const samples = [
    ["a.jpg", "one"],
    ["b.jpg", "two", "drei"]
  ]

  test(
    "are told from their content, with any ends of lines, marks and encodings",
    Effect.gen(function* () {
      const text = lines.join("\n")
      for (const each of [text, `${text}\n`, `\ufeff${text.replace("\n", "\r\n")}\r\n`, `\n${lines.join("\n\n \n")}`])
        assert.deepStrictEqual(yield* openedText(each), { samples, issues: [] })
      const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")])
      assert.deepStrictEqual(yield* openedText(wide), { samples, issues: [] })
      assert.deepStrictEqual(yield* openedText(lines[0]!), { samples: samples.slice(0, 1), issues: [] })
    })
  )

  test(
    "are Hugging Face's metadata, one of ALBEF's, of Visual Genome's, and of members that are named",
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* openedText('{"file_name": "a.jpg", "text": "one"}\n{"file_name": "in/b.jpg", "text": "two"}\n'),
        {
          samples: [
            ["a.jpg", "one"],
            ["in/b.jpg", "two"]
          ],
          issues: []
        }
      )
      assert.deepStrictEqual(
        yield* openedText('{"id": 1, "regions": [{"phrase": "one"}]}\n{"id": 2, "regions": [{"phrase": "two"}]}\n'),
        {
          samples: [
            ["1.jpg", "one"],
            ["2.jpg", "two"]
          ],
          issues: []
        }
      )
      const named = yield* openedText('{"file": "a.jpg", "en": "one", "de": ["eins", "ein"]}\n', "?image=file&caption=en,de")
      assert.deepStrictEqual(named, { samples: [["a.jpg", "one", "eins", "ein"]], issues: [] })
    })
  )

  test(
    "with a bad line leave it out",
    Effect.gen(function* () {
      const bad = Buffer.concat([
        Buffer.from(`${lines[0]}\n{"image": "x.jpg", "cap\n`),
        Buffer.from('{"image": "caf\xe9.jpg", "caption": "x"}\n', "latin1"),
        Buffer.from(`[1, 2]\n{"image": "x.jpg", "caption": NaN}\n${lines[1]}`)
      ])
      assert.deepStrictEqual(yield* openedText(bad), {
        samples,
        issues: [
          "bad 1 × a list (line 4)",
          "bad 1 × caption is NaN or Infinity (line 5)",
          "bad 1 × no JSON (line 2)",
          `bad 1 × not UTF-8 (line 3, byte 0xe9 at ${bad.indexOf(0xe9)})`
        ]
      })
    })
  )

  test(
    "or a table in a folder of images are its list, of its split, in other threads too",
    Effect.gen(function* () {
      const metadata = '{"file_name": "a.jpg", "text": "one"}\n'
      const folder = yield* folderWith({ "d/metadata.jsonl": metadata, "d/a.jpg": "A", "d/README.md": "" })
      for (const data of [folder, `${folder}/d`]) {
        const source = yield* openSource(data)
        assert.deepStrictEqual([source.count, Buffer.from((yield* source.sample(0)).image).toString()], [1, "A"])
        const again = yield* Effect.provideService(openSource(data), ReadLists, structuredClone(source.lists!))
        assert.strictEqual(Buffer.from((yield* again.sample(0)).image).toString(), "A")
      }
      const table = yield* folderWith({ "metadata.csv": "file_name,text\na.jpg,one\n", "a.jpg": "A" })
      assert.deepStrictEqual((yield* summaryOf(table)).samples, [["a.jpg", "one"]])
      const splits = yield* folderWith({
        "train/metadata.jsonl": metadata,
        "train/a.jpg": "A",
        "test/metadata.jsonl": metadata.replace("one", "two"),
        "test/a.jpg": "B"
      })
      assert.deepStrictEqual((yield* summaryOf(splits)).samples, [["a.jpg", "one"]])
      assert.deepStrictEqual((yield* summaryOf(`${splits}?split=test`)).samples, [["a.jpg", "two"]])
      const two = yield* folderWith({ "x/metadata.jsonl": metadata, "y/metadata.jsonl": metadata })
      assert.match(
        (yield* Effect.flip(openSource(two))).message,
        /: 2 lists of images, such as x\/metadata\.jsonl, y\/metadata\.jsonl: name one of them, or choose by \?split=$/
      )
    })
  )
})
