import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import { ReadLists } from "../../../../lib/data/sources/read-lists.ts"
import { folderWith } from "./folder-with.ts"
import { summaryOf } from "./opened.ts"
import { bytes, file, path, prefixed, read, table, text } from "./parquet-written.ts"
import { test } from "./scoped-test.ts"

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
