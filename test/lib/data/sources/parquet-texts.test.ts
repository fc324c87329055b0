import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { SchemaElement } from "hyparquet"
import { parquetWriteBuffer } from "hyparquet-writer"
import { openSource } from "../../../../lib/data/open-source.ts"
import { folderWith } from "./folder-with.ts"
import { summaryOf } from "./opened.ts"
import { bytes, file, path, schema, table, text } from "./parquet-written.ts"
import { test } from "./scoped-test.ts"

describe("the captions of a parquet file", () => {
  const images = [0, 1, 2].map((i) => ({ bytes: bytes(`B${i}`), path: "x" }))
  const list = (...element: readonly SchemaElement[]): readonly SchemaElement[] => [
    { name: "caption", num_children: 1, repetition_type: "OPTIONAL", converted_type: "LIST" },
    { name: "list", num_children: 1, repetition_type: "REPEATED" },
    ...element
  ]

  test(
    "are refused when the file is opened where the column has no texts",
    Effect.gen(function* () {
      const whole: SchemaElement = { name: "caption", type: "INT64", repetition_type: "OPTIONAL" }
      const cases = [
        [file(images, [1n, 2n, 3n], [whole]), "", /: column 'caption' holds INT64 and no texts; no column has texts$/],
        [
          file(images, [[1n], [2n], []], list({ ...whole, name: "element" })),
          "",
          /: column 'caption' holds lists of INT64 and no texts/
        ],
        [
          table({ name: "url", data: ["a", "b"] }, { name: "caption", data: [1, 2] }, { name: "alt", data: ["x", "y"] }),
          "",
          /: column 'caption' holds (INT32|INT64|DOUBLE) and no texts; texts are in alt: name the column by \?caption=$/
        ],
        [
          table({ name: "url", data: ["a"] }, { name: "n", data: [1] }, { name: "text", data: ["x"] }),
          "?caption=n",
          /: column 'n' holds .* texts are in text: /
        ]
      ] as const
      for (const [content, options, message] of cases) {
        const folder = yield* folderWith({ "t.parquet": content })
        assert.match((yield* Effect.flip(openSource(`${folder}/t.parquet${options}`))).message, message)
      }
    })
  )

  test(
    "are those of the first known column that has texts, of structs with a raw text, and of lists written as texts",
    Effect.gen(function* () {
      const chosen = table(
        { name: "filepath", data: ["a.jpg"] },
        { name: "title", data: [7] },
        { name: "caption", data: ["one"] }
      )
      const sentences = list(
        { name: "element", num_children: 2, repetition_type: "OPTIONAL" },
        { name: "raw", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
        { name: "sentid", type: "INT32", repetition_type: "OPTIONAL" }
      )
      const folder = yield* folderWith({
        "chosen.parquet": chosen,
        "a.jpg": "",
        "raw.parquet": file(
          images,
          [
            [
              { raw: "one", sentid: 1 },
              { raw: "two", sentid: 2 }
            ],
            [],
            null
          ],
          sentences
        ),
        "list.parquet": file(images, ["['a', \"b's\"]", '["c"]', "[d]"])
      })
      const captions = (name: string) =>
        Effect.map(summaryOf(`${folder}/${name}.parquet`), ({ samples }) => samples.map(([, ...rest]) => rest))
      assert.deepStrictEqual(yield* captions("chosen"), [["one"]])
      assert.deepStrictEqual(yield* captions("raw"), [["one", "two"], [{ reason: "no-caption" }], [{ reason: "no-caption" }]])
      assert.deepStrictEqual(yield* captions("list"), [["a", "b's"], ["c"], ["[d]"]])
    })
  )

  test(
    "that are bytes and no UTF-8 are left out, and rows that img2dataset could not fetch are counted",
    Effect.gen(function* () {
      const plain: SchemaElement = { name: "caption", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" }
      const latin = Uint8Array.from([0x63, 0xe9])
      const folder = yield* folderWith({
        "b.parquet": file(images, [bytes("café"), latin, bytes("x")], [plain]),
        "s.parquet": table(
          { name: "jpg", type: "BYTE_ARRAY", data: images.map((each) => each.bytes) },
          { name: "caption", data: ["a", "b", "c"] },
          { name: "key", data: ["0", "1", "2"] },
          { name: "status", data: ["success", "failed_to_download", "success"] }
        )
      })
      const binary = yield* summaryOf(`${folder}/b.parquet`)
      assert.deepStrictEqual(
        [binary.samples, binary.issues],
        [
          [
            ["b/0", "café"],
            ["b/2", "x"]
          ],
          ["bad 1 × caption is not UTF-8 (row 1)"]
        ]
      )
      const status = yield* summaryOf(`${folder}/s.parquet`)
      assert.deepStrictEqual(status.issues, ["ignored 1 × row whose status is not success (row 1)"])
      assert.strictEqual(status.samples.length, 2)
    })
  )
})

describe("captions in parquet that are not UTF-8", () => {
  const latin = (each: string) => Buffer.from(each, "latin1")

  test(
    "are refused by what to do, and read where it is done, whether the column says that it has texts or bytes",
    Effect.gen(function* () {
      const captions = Array.from({ length: 12 }, (_, i) => latin(`caf\xe9 ${i}`))
      for (const type of [text, { ...text, converted_type: undefined }]) {
        const images = [...captions, null].map((_, i) => path(`${i}.jpg`))
        const content = new Uint8Array(
          parquetWriteBuffer({
            schema: schema({ name: "caption", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" }),
            columnData: [
              { name: "image", data: images },
              { name: "caption", data: [...captions, bytes("plain")] }
            ]
          })
        )
        const folder = yield* folderWith({
          "a.parquet": type === text ? file(images, [...captions, bytes("plain")]) : content,
          "0.jpg": ""
        })
        const error = yield* Effect.flip(openSource(`${folder}/a.parquet`))
        assert.strictEqual(
          error.message,
          `${folder}/a.parquet: 12 of 13 rows cannot be used (the limit is 10): 12 × caption is not UTF-8 (row 0): name the texts' encoding by ?encoding=, as ?encoding=windows-1252`
        )
        const { samples, issues } = yield* summaryOf(`${folder}/a.parquet?encoding=windows-1252`)
        assert.deepStrictEqual([samples[0], samples[12], issues], [["0.jpg", "café 0"], ["12.jpg", "plain"], []])
      }
    })
  )
})
