import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { openedJson, openedText } from "./opened.ts"
import { test } from "./scoped-test.ts"

describe("a list in JSON with bad entries", () => {
  test(
    "leaves them out by reason: ALBEF's",
    Effect.gen(function* () {
      const bad = [
        { image: null, caption: "x" },
        { image: "", caption: "x" },
        { caption: "x" },
        { image: "b.jpg", caption: null },
        { image: "b.jpg" },
        { image: "b.jpg", caption: 5 },
        null,
        "secret",
        ["secret"]
      ]
      // The first entry that can be told may come after bad ones.
      const opened = yield* openedJson([...bad.slice(6), ...bad.slice(0, 6), { image: "a.jpg", caption: ["one", null, "two"] }])
      assert.deepStrictEqual(opened, {
        samples: [["a.jpg", "one", "two"]],
        issues: [
          "bad 1 × a list (entry 2)",
          "bad 1 × a text (entry 1)",
          "bad 1 × caption is a list with null (entry 9)",
          "bad 1 × caption is a number (entry 8)",
          "bad 1 × caption is missing (entry 7)",
          "bad 1 × caption is null (entry 6)",
          "bad 1 × image is empty (entry 4)",
          "bad 1 × image is missing (entry 5)",
          "bad 1 × image is null (entry 3)",
          "bad 1 × null (entry 0)"
        ]
      })
    })
  )

  test(
    "leaves them out by reason: COCO's, Visual Genome's, Karpathy's and token lines",
    Effect.gen(function* () {
      const images = [
        { id: 1, file_name: "a.jpg" },
        { id: 2, file_name: null },
        { file_name: "c.jpg" },
        { id: 4, file_name: "d.jpg" }
      ]
      const annotations = [
        { image_id: 1, caption: "one" },
        { image_id: 1, caption: null },
        { image_id: 9, caption: "x" },
        { caption: "x" }
      ]
      assert.deepStrictEqual(
        yield* openedJson({ info: { year: 2014 }, images, annotations: [...annotations, { image_id: 1, caption: " " }] }),
        {
          samples: [["a.jpg", "one"]],
          issues: [
            "bad 1 × caption is empty (annotations[4])",
            "bad 1 × caption is null (annotations[1])",
            "bad 1 × file_name is null (images[1])",
            "bad 1 × id is missing (images[2])",
            "bad 1 × image_id is missing (annotations[3])",
            "bad 1 × image_id of no image (annotations[2], 9)",
            "ignored 1 × image without an annotation (d.jpg)"
          ]
        }
      )
      const regions = [{ phrase: "one" }, { phrase: null }, {}, { phrase: "one" }]
      assert.deepStrictEqual(
        yield* openedJson([{ id: null, regions: [] }, { id: 3 }, { id: 7, regions }, { id: "8", regions: [{ phrase: "two" }] }]),
        {
          samples: [
            ["7.jpg", "one"],
            ["8.jpg", "two"]
          ],
          issues: [
            "bad 1 × id is null (entry 0)",
            "bad 1 × phrase is missing (entry 2.regions[2])",
            "bad 1 × phrase is null (entry 2.regions[1])",
            "bad 1 × regions is missing (entry 1)"
          ]
        }
      )
      const entry = (split: string, filename: unknown, ...raw: readonly unknown[]) => ({
        filename,
        split,
        sentences: raw.map((each) => ({ raw: each }))
      })
      const karpathy = [
        entry("train", null, "x"),
        entry("train", "a.jpg", "one", null),
        entry("val", "b.jpg", "x"),
        { filename: "c.jpg", split: "train" }
      ]
      assert.deepStrictEqual(yield* openedJson({ images: karpathy }), {
        samples: [["a.jpg", "one"]],
        issues: [
          "bad 1 × filename is null (images[0])",
          "bad 1 × raw is null (images[1].sentences[1])",
          "bad 1 × sentences is missing (images[3])",
          "ignored 1 × of split val (?split= names those that are taken)"
        ]
      })
      assert.deepStrictEqual(yield* openedText("a.jpg#0\tone\na.jpg\tx\n\na.jpg#1\t\na.jpg#2\ttwo\n"), {
        samples: [["a.jpg", "one", "two"]],
        issues: ["bad 1 × no caption after the tab (line 4)", "bad 1 × not NAME.jpg#NUMBER, a tab and a caption (line 2)"]
      })
    })
  )

  test(
    "is refused where they are more than the budget, naming the most frequent reasons",
    Effect.gen(function* () {
      const good = Array.from({ length: 20 }, (_, i) => ({ image: `${i}.jpg`, caption: "one" }))
      const null11 = Array.from({ length: 11 }, () => ({ image: "x.jpg", caption: null }))
      assert.strictEqual(
        yield* openedJson([...good, ...null11, { image: null }]),
        "list.txt: 12 of 32 entries cannot be used (the limit is 10): 11 × caption is null (entry 20), 1 × image is null (entry 31)"
      )
      const ten = yield* openedJson([...good, ...null11.slice(1)])
      assert.strictEqual(typeof ten === "string" ? ten : ten.samples.length, 20)
    })
  )
})

describe("JSON as Python writes it", () => {
  test(
    "is read with NaN and Infinity outside strings, in lists of every format",
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* openedJson('[{"image": "a.jpg", "caption": "NaN is no number", "score": NaN, "x": [-Infinity, Infinity]}]'),
        {
          samples: [["a.jpg", "NaN is no number"]],
          issues: []
        }
      )
      const coco =
        '{"info": NaN, "images": [{"id": 1, "file_name": "a.jpg", "gps": NaN}], "annotations": [{"image_id": 1, "caption": "one"}]}'
      assert.deepStrictEqual(yield* openedJson(coco), { samples: [["a.jpg", "one"]], issues: [] })
      assert.match(
        String(yield* openedJson('[{"image": "a.jpg", "caption": nan}]')),
        /: no JSON: a broken value that ends at byte 35$/
      )
    })
  )
})

describe("the bytes of a list in JSON", () => {
  test(
    "that are not UTF-8 are counted by their entry, and UTF-16 is read where a mark says so",
    Effect.gen(function* () {
      const entries = '[{"image": "a.jpg", "caption": "one \ufffd"}, {"image": "b.jpg", "caption": "caf\xe9"}]'
      const bytes = Buffer.from(entries.replace(" \ufffd", ""), "latin1")
      assert.deepStrictEqual(yield* openedText(bytes), {
        samples: [["a.jpg", "one"]],
        issues: [`bad 1 × not UTF-8 (entry 1, byte 0xe9 at ${bytes.indexOf(0xe9)})`]
      })
      assert.deepStrictEqual(yield* openedText(Buffer.from(entries)), {
        samples: [
          ["a.jpg", "one \ufffd"],
          ["b.jpg", "café"]
        ],
        issues: []
      })
      const wide = Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(entries, "utf16le").swap16()])
      const opened = yield* openedText(wide)
      assert.strictEqual(typeof opened === "string" ? opened : opened.samples.length, 2)
      const named = yield* openedText(bytes, "?encoding=windows-1252")
      assert.deepStrictEqual(typeof named === "string" ? named : named.samples[1], ["b.jpg", "café"])
    })
  )
})

describe("captions that are objects", () => {
  test(
    "have the text of theirs, and are bad without one; lists written as texts are read as such",
    Effect.gen(function* () {
      const captions = [
        [{ raw: "a" }, { caption: "b", score: 1 }],
        { text: "c" },
        [{ raw: 5 }, "d"],
        { en: "e" },
        "{'f', 'g'}",
        "['h', 1]"
      ]
      const opened = yield* openedJson(captions.map((caption, i) => ({ image: `${i}.jpg`, caption })))
      assert.deepStrictEqual(opened, {
        samples: [
          ["0.jpg", "a", "b"],
          ["1.jpg", "c"],
          ["2.jpg", "d"],
          ["4.jpg", "f", "g"],
          ["5.jpg", "h"]
        ],
        issues: [
          "bad 1 × caption is a list with a number (entry 5)",
          "bad 1 × caption is a list with an object without a text (raw, caption, text) (entry 2)",
          "bad 1 × caption is an object without a text (raw, caption, text) (entry 3)"
        ]
      })
    })
  )
})

describe("a lone surrogate in a list", () => {
  const half = "half \\ud83d"
  const lists = {
    "a list of image and caption": `[{"image": "a.jpg", "caption": "${half}"}, {"image": "b.jpg", "caption": ["x \\ud83d\\ude00", "${half}"]}]`,
    "a literal in a list": `[{"image": "a.jpg", "caption": "['half \\\\ud83d']"}, {"image": "b.jpg", "caption": ["x \\ud83d\\ude00", "${half}"]}]`,
    "COCO's captions": `{"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}], "annotations": [{"image_id": 1, "caption": "${half}"}, {"image_id": 2, "caption": "x \\ud83d\\ude00"}, {"image_id": 2, "caption": "${half}"}]}`
  }

  for (const [name, list] of Object.entries(lists))
    test(
      `is U+FFFD and told with its count: ${name}`,
      Effect.gen(function* () {
        const opened = yield* openedJson(list)
        const first = name.startsWith("COCO") ? "annotations[0]" : "a.jpg"
        assert.deepStrictEqual(opened, {
          samples: [
            ["a.jpg", "half \ufffd"],
            ["b.jpg", "x 😀", "half \ufffd"]
          ],
          issues: [`noted 2 × caption with a lone surrogate, read as U+FFFD (${first})`]
        })
      })
    )

  test(
    "is told of an image's name too",
    Effect.gen(function* () {
      const opened = yield* openedJson('[{"image": "a\\ud83d.jpg", "caption": "x"}]')
      assert.include(JSON.stringify(opened), "noted 1 × name with a lone surrogate, read as U+FFFD (a\ufffd.jpg)")
    })
  )
})
