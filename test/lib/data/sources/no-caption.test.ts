import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parquetWriteBuffer } from "hyparquet-writer"
import { folderWith } from "./folder-with.ts"
import { summaryOf } from "./opened.ts"

/** A caption that says nothing, as a format writes it: `null` where it has that, or blank. */
type Caption = string | null
type Format = (captions: readonly Caption[]) => string | Uint8Array

const name = (i: number) => `${i}.jpg`
const json = (value: unknown) => JSON.stringify(value)
const parquet =
  (image: "bytes" | "path"): Format =>
  (captions) =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          image === "bytes"
            ? { name: "image", data: captions.map(() => new Uint8Array([1])), type: "BYTE_ARRAY" }
            : { name: "file_name", data: captions.map((_, i) => name(i)), type: "STRING" },
          { name: "caption", data: [...captions], type: "STRING" }
        ]
      })
    )

/** Each format with the caption that none is, and what is said of it. */
const formats: readonly (readonly [what: string, format: Format, none: Caption, reason: string])[] = [
  ["a table", (all) => `filepath,title\n${all.map((each, i) => `${name(i)},${each}\n`).join("")}`, " ", "title is empty"],
  [
    "a table with lists in its cells",
    (all) => `filepath\ttitle\n${all.map((each, i) => `${name(i)}\t${each}\n`).join("")}`,
    "[]",
    "title is a list without a text"
  ],
  ["a list", (all) => json(all.map((caption, i) => ({ image: name(i), caption }))), null, "caption is null"],
  ["a list with blanks", (all) => json(all.map((caption, i) => ({ image: name(i), caption }))), " ", "caption is empty"],
  [
    "a list of lists",
    (all) => json(all.map((caption, i) => ({ image: name(i), caption: caption === null ? [] : [caption] }))),
    null,
    "caption is an empty list"
  ],
  ["JSON lines", (all) => all.map((text, i) => `${json({ file_name: name(i), text })}\n`).join(""), "", "text is empty"],
  [
    "COCO's",
    (all) =>
      json({
        images: all.map((_, id) => ({ id, file_name: name(id) })),
        annotations: all.map((caption, id) => ({ image_id: id, caption }))
      }),
    "",
    "caption is empty"
  ],
  [
    "Karpathy's",
    (all) => json({ images: all.map((raw, i) => ({ filename: name(i), split: "train", sentences: [{ raw }] })) }),
    " ",
    "raw is empty"
  ],
  [
    "Karpathy's without sentences",
    (all) =>
      json({ images: all.map((raw, i) => ({ filename: name(i), split: "train", sentences: raw === null ? [] : [{ raw }] })) }),
    null,
    "sentences is an empty list"
  ],
  ["Visual Genome's", (all) => json(all.map((phrase, id) => ({ id, regions: [{ phrase }] }))), " ", "phrase is empty"],
  [
    "Visual Genome's without regions",
    (all) => json(all.map((phrase, id) => ({ id, regions: phrase === null ? [] : [{ phrase }] }))),
    null,
    "regions is an empty list"
  ],
  ["a token file", (all) => all.map((each, i) => `${name(i)}#0\t${each}\n`).join(""), " ", "no caption after the tab"],
  ["parquet with paths", parquet("path"), null, "caption is null"],
  ["parquet with images", parquet("bytes"), null, "caption is null"],
  ["parquet with blanks", parquet("bytes"), " ", "caption is empty"],
  ["parquet with lists as texts", parquet("path"), "[]", "caption is a list without a text"]
]

const opened = Effect.fnUntraced(function* (content: string | Uint8Array) {
  const folder = yield* folderWith({ data: content, "0.jpg": "" })
  return yield* Effect.result(summaryOf(`${folder}/data`))
})

describe("an entry without a usable caption", () => {
  for (const [what, format, none, reason] of formats)
    it.effect(`is a bad entry of the one budget, in ${what}`, () =>
      Effect.gen(function* () {
        const captions = (bad: number, all: number) =>
          Array.from({ length: all }, (_, i) => (i % 3 === 1 && i < 3 * bad ? none : `text ${i}`))
        const few = yield* opened(format(captions(5, 60)))
        if (few._tag === "Failure") return assert.fail(few.failure.message)
        assert.match(few.success.issues.join("; "), new RegExp(`^bad 5 × ${reason} \\([^)]*\\)$`))
        const many = yield* opened(format(captions(20, 60)))
        if (many._tag === "Success") return assert.fail(`opened with ${many.success.samples.length} samples`)
        assert.match(
          many.failure.message,
          new RegExp(`: 20 of \\d+ \\w+ cannot be used \\(the limit is 10\\): 20 × ${reason} \\(`)
        )
        const all = yield* opened(format(captions(4, 4).map(() => none)))
        if (all._tag === "Success") return assert.fail(`opened with ${all.success.samples.length} samples`)
        assert.match(all.failure.message, new RegExp(`: none of \\d+ \\w+ can be used: 4 × ${reason} \\(`))
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
    )

  it.effect("is not one that has another caption", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith({
        "a.csv": `filepath,en,de\n${Array.from({ length: 30 }, (_, i) => `${i}.jpg,,eins\n`).join("")}`,
        "b.json": json(Array.from({ length: 30 }, (_, i) => ({ image: name(i), caption: ["one", " "] }))),
        "0.jpg": ""
      })
      const table = yield* summaryOf(`${folder}/a.csv?caption=en,de`)
      assert.deepStrictEqual([table.samples.length, table.issues], [30, ["ignored 30 × en is empty (line 2)"]])
      const list = yield* summaryOf(`${folder}/b.json`)
      assert.deepStrictEqual([list.samples.length, list.issues], [30, ["ignored 30 × caption is empty (entry 0)"]])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
