import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import type { SchemaElement } from "hyparquet"
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer"
import { openSource } from "../../../../lib/data/open-source.ts"
import { ReadLists } from "../../../../lib/data/sources/read-lists.ts"
import { folderWith } from "./folder-with.ts"
import { summaryOf } from "./opened.ts"

const test = (name: string, body: Effect.Effect<void, unknown, NodeServices.NodeServices | Scope.Scope>) =>
  it.effect(name, () => body.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

/** Hugging Face's struct of an image, and a caption of some type. */
const schema = (...caption: readonly SchemaElement[]): SchemaElement[] => [
  { name: "schema", num_children: 2 },
  { name: "image", num_children: 2, repetition_type: "OPTIONAL" },
  { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
  { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  ...caption
]
const text: SchemaElement = { name: "caption", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" }
interface Image {
  readonly bytes: Uint8Array | null
  readonly path: string | null
}
const file = (
  images: readonly (Image | null)[],
  captions: readonly unknown[],
  caption: readonly SchemaElement[] = [text],
  statistics = true
) =>
  new Uint8Array(
    parquetWriteBuffer({
      schema: schema(...caption),
      statistics,
      columnData: [
        { name: "image", data: [...images] },
        { name: "caption", data: [...captions] }
      ]
    })
  )
const table = (...columnData: ColumnSource[]) => new Uint8Array(parquetWriteBuffer({ columnData }))
const bytes = (content: string) => new TextEncoder().encode(content)
const path = (name: string | null): Image => ({ bytes: null, path: name })
const read = Effect.fnUntraced(function* (data: string) {
  const source = yield* openSource(data)
  return yield* Effect.forEach(
    Array.from({ length: source.count }, (_, i) => i),
    (index) =>
      Effect.match(source.sample(index), {
        onSuccess: ({ id, image, captions }) => [id, Buffer.from(image).toString(), ...captions],
        onFailure: ({ id, reason }) => [id, { reason: reason.split("(", 1)[0] }]
      })
  )
})

describe("a parquet file whose images have paths and no bytes", () => {
  const images = { "p0.jpg": "P0", "images/p1.jpg": "P1" }

  test(
    "has them beside it, each once with all its captions, however the file is named",
    Effect.gen(function* () {
      const rows = file([path("p0.jpg"), path("images/p1.jpg"), path("p0.jpg"), path(null)], ["a", "b", "c", "d"])
      const folder = yield* folderWith({ "d/t.parquet": rows, "d/p0.jpg": "P0", "d/images/p1.jpg": "P1" })
      for (const data of [`${folder}/d/t.parquet`, `${folder}/d`, folder]) {
        assert.deepStrictEqual(yield* read(data), [
          ["p0.jpg", "P0", "a", "c"],
          ["images/p1.jpg", "P1", "b"]
        ])
        assert.include((yield* summaryOf(data)).issues, "bad 1 × image is null (row 3)")
      }
    })
  )

  test(
    "or only some that have none, as Hugging Face's reader has it, and never from outside its folder",
    Effect.gen(function* () {
      const column = [
        { bytes: bytes("B"), path: "p0.jpg" },
        path("p0.jpg"),
        path("p1.jpg"),
        path("../out.jpg"),
        path("/etc/hostname"),
        path(null),
        null
      ]
      for (const statistics of [true, false]) {
        const folder = yield* folderWith({
          "d/t.parquet": file(column, [..."abcdefg"], [text], statistics),
          "out.jpg": "OUT",
          ...prefixed("d/", images)
        })
        assert.deepStrictEqual(yield* read(`${folder}/d/t.parquet`), [
          ["t/0", "B", "a"],
          ["t/1", "P0", "b"],
          ["t/2", "P1", "c"],
          ["t/3", { reason: "outside-the-folder" }],
          ["t/4", { reason: "outside-the-folder" }],
          ["t/5", { reason: "no-image" }],
          ["t/6", { reason: "no-image" }]
        ])
        const named = yield* read(`${folder}/d/t.parquet?images=..`)
        assert.deepStrictEqual([named[1]![1], named[3]![1]], [{ reason: "unreadable" }, { reason: "outside-the-folder" }])
      }
      const remote = file([{ bytes: bytes("B"), path: "x" }, path("http://127.0.0.1:9/a.jpg")], ["a", "b"])
      const folder = yield* folderWith({ "t.parquet": remote })
      assert.deepStrictEqual((yield* read(`${folder}/t.parquet`))[1], ["t/1", { reason: "urls-off" }])
    })
  )

  test(
    "as a column of texts leaves out a row without one",
    Effect.gen(function* () {
      const rows = table(
        { name: "file_name", data: ["p0.jpg", null, "", "p0.jpg"] },
        { name: "text", data: ["a", "b", "c", "d"] }
      )
      const folder = yield* folderWith({ "t.parquet": rows, ...images })
      const { samples, issues } = yield* summaryOf(`${folder}/t.parquet`)
      assert.deepStrictEqual(samples, [["p0.jpg", "a", "d"]])
      assert.deepStrictEqual(issues, ["bad 1 × file_name is empty (row 2)", "bad 1 × file_name is null (row 1)"])
      const many = table(
        { name: "file_name", data: ["p0.jpg", ...Array(11).fill(null)] },
        { name: "text", data: Array(12).fill("a") }
      )
      const refused = yield* folderWith({ "t.parquet": many })
      assert.match(
        (yield* Effect.flip(openSource(`${refused}/t.parquet`))).message,
        /: 11 of 12 rows cannot be used \(the limit is 10\): 11 × file_name is null \(row 1\)$/
      )
    })
  )
})

/** Files in a folder. */
const prefixed = (folder: string, files: { readonly [name: string]: string }) =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}${name}`, content]))

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

describe("parquet files in several folders whose images have paths", () => {
  const rows = (names: readonly string[], from: string) =>
    table({ name: "file_name", data: [...names] }, { name: "text", data: names.map((_, i) => `${from}${i}`) })

  test(
    "have them each in its own folder, however many have the same name",
    Effect.gen(function* () {
      const folder = yield* folderWith({
        "a/t.parquet": rows(["p0.jpg", "p1.jpg", "p0.jpg"], "a"),
        "b/t.parquet": rows(["p0.jpg", "p1.jpg"], "b"),
        ...prefixed("a/", { "p0.jpg": "A0", "p1.jpg": "A1" }),
        ...prefixed("b/", { "images/p0.jpg": "B0", "p1.jpg": "B1" })
      })
      const expected = [
        ["a/p0.jpg", "A0", "a0", "a2"],
        ["a/p1.jpg", "A1", "a1"],
        ["b/p0.jpg", "B0", "b0"],
        ["b/p1.jpg", "B1", "b1"]
      ]
      assert.deepStrictEqual(yield* read(folder), expected)
      assert.deepStrictEqual(yield* read(`${folder}/{a,b}/t.parquet`), expected)
      const source = yield* openSource(folder)
      const again = yield* Effect.provideService(openSource(folder), ReadLists, source.lists!)
      assert.deepStrictEqual(Buffer.from((yield* again.sample(2)).image).toString(), "B0")
    })
  )

  test(
    "of structs of a path too, and of folders in each other; no path leads out of its own file's folder",
    Effect.gen(function* () {
      const folder = yield* folderWith({
        "t.parquet": file([path("p.jpg"), path("a/q.jpg")], ["r0", "r1"]),
        "a/t.parquet": file([path("p.jpg"), path("q.jpg"), path("../p.jpg")], ["a0", "a1", "a2"]),
        ...{ "p.jpg": "R", "images/a/q.jpg": "RQ", "a/p.jpg": "A", "a/q.jpg": "AQ" }
      })
      assert.deepStrictEqual(
        (yield* read(folder)).map(([, ...rest]) => rest),
        [["A", "a0"], ["AQ", "a1"], [{ reason: "outside-the-folder" }], ["R", "r0"], ["AQ", "r1"]]
      )
    })
  )

  test(
    "have those of one folder where ?images= names one for all, and of each file's own else",
    Effect.gen(function* () {
      const [a, b] = [rows(["p.jpg"], "a"), rows(["p.jpg"], "b")]
      const folder = yield* folderWith({
        ...{ "d/a/t.parquet": a, "d/b/t.parquet": b, "all/p.jpg": "P" },
        ...{ "d/a/in/p.jpg": "A", "d/b/in/p.jpg": "B" }
      })
      assert.deepStrictEqual(yield* read(`${folder}/d?images=${folder}/all`), [["p.jpg", "P", "a0", "b0"]])
      const own = [
        ["a/p.jpg", "A", "a0"],
        ["b/p.jpg", "B", "b0"]
      ]
      assert.deepStrictEqual(yield* read(`${folder}/d?images=in`), own)
      // Some rows with bytes: images are read row by row.
      const some = [{ bytes: bytes("X"), path: null }, path("p.jpg")]
      const mixed = yield* folderWith({
        ...{ "a/s.parquet": file(some, ["x", "a"]), "b/t.parquet": file(some, ["y", "b"]) },
        ...{ "a/in/p.jpg": "A", "b/in/p.jpg": "B" }
      })
      assert.deepStrictEqual(
        (yield* read(`${mixed}?images=in`)).map(([, image]) => image),
        ["X", "A", "X", "B"]
      )
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
