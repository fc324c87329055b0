import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parquetWriteBuffer } from "hyparquet-writer"
import { openFor } from "../../../../lib/data/host/host-context.ts"
import { openSource } from "../../../../lib/data/open-source.ts"
import type { Source } from "../../../../lib/data/source.ts"
import { ReadLists } from "../../../../lib/data/sources/read-lists.ts"
import { writeTar } from "../../../../lib/data/tar/write-tar.ts"
import { sampleKinds } from "../../../../lib/pipeline/sample-kinds.ts"
import { type Fields, tensor, value } from "../../../../lib/tensor/field.ts"
import { temporaryFolder } from "../../../temporary-folder.ts"
import { greyPng } from "../hardening/png.ts"

const root = temporaryFolder("records")
const inside = (name: string) => join(root, name)
const png = (grey: number) => new Uint8Array(greyPng(1, 1, Uint8Array.of(0, grey)))
/** Writes files into a folder of the test's own and gives the path of the first, or of the folder. */
const written = (name: string, files: { readonly [path: string]: string | Uint8Array }): string => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(inside(join(name, path))), { recursive: true })
    writeFileSync(inside(join(name, path)), content)
  }
  return inside(name)
}
const json = JSON.stringify
const imageFiles = { "a.png": png(1), "b.png": png(2), "sub/c.png": png(3) }

/** Every sample of a source, its image as its grey level. */
const all = <F extends Fields>(source: Source<F>) =>
  Effect.forEach(
    Array.from({ length: source.count }, (_, index) => index),
    (index) =>
      Effect.map(source.sample(index), ({ image, ...sample }: { readonly [name: string]: unknown }) => {
        assert.deepStrictEqual([sample["id"], sample["group"]], [source.id(index), source.group(index)])
        const bytes = image as Uint8Array | undefined
        const grey = [1, 2, 3].find((each) => bytes && Buffer.from(bytes).equals(png(each)))
        return bytes ? { ...sample, grey } : sample
      })
  )
const read = <F extends Fields>(name: string, fields: F) => Effect.flatMap(openFor(openSource, name, fields), all)
const { images, texts, labelled, questions } = sampleKinds

describe("samples that are no pairs", () => {
  it.effect("are questions in a list as ALBEF has it, those of one image in one group", () =>
    Effect.gen(function* () {
      const list = written("vqa", {
        ...imageFiles,
        "vqa.json": json([
          { question_id: 1, question: "what is it", image: "a.png", dataset: "vqa", answer: ["grey", "dark"] },
          { question: "how many", image: "sub/c.png", answer: 1 },
          { question: "where", image: "a.png", answer: "here" },
          { question: "nothing", image: "a.png", answer: null }
        ])
      })
      const source = yield* openFor(openSource, `${list}/vqa.json`, questions)
      assert.deepStrictEqual(yield* all(source), [
        { id: "a.png", group: 0, question: "what is it", answers: ["grey", "dark"], grey: 1 },
        { id: "sub/c.png", group: 1, question: "how many", answers: ["1"], grey: 3 },
        { id: "a.png#2", group: 0, question: "where", answers: ["here"], grey: 1 }
      ])
      assert.deepStrictEqual(source.issues, [
        { kind: "bad", reason: "answers is null, where a text or a list of texts is expected", count: 1, first: "entry 3" }
      ])
      assert.deepStrictEqual(yield* source.texts(2, "question"), ["where"])
      const shared = yield* Effect.provideService(openFor(openSource, source.name, questions), ReadLists, source.lists!)
      assert.deepStrictEqual(yield* all(shared), yield* all(source))
      assert.strictEqual(shared.digest, source.digest)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("have classes by folder, by a table's column or by numbers that parquet names", () =>
    Effect.gen(function* () {
      const folder = written("classes", {
        "cat/a.png": png(1),
        "dog/b.png": png(2),
        "dog/old/c.png": png(3),
        "dog/notes.txt": "-"
      })
      const expected = [
        { id: "cat/a.png", group: 0, label: "cat", grey: 1 },
        { id: "dog/b.png", group: 1, label: "dog", grey: 2 },
        { id: "dog/old/c.png", group: 2, label: "dog", grey: 3 }
      ]
      assert.deepStrictEqual(yield* read(folder, labelled), expected)
      const table = written("table", { ...imageFiles, "t.csv": 'path,kind\na.png,cat\nb.png,"a ""dog"""\nsub/c.png,7\n' })
      const labels = ["cat", 'a "dog"', "7"].map((label, n) => ({ id: Object.keys(imageFiles)[n], group: n, label, grey: n + 1 }))
      assert.deepStrictEqual(yield* read(`${table}/t.csv?label=kind`, labelled), labels)
      const features = { label: { names: ["cat", "dog"], _type: "ClassLabel" } }
      const parquet = parquetWriteBuffer({
        columnData: [
          { name: "image", data: [png(1), png(2)], type: "BYTE_ARRAY" },
          { name: "label", data: [1n, 0n], type: "INT64" }
        ],
        kvMetadata: [{ key: "huggingface", value: json({ info: { features } }) }]
      })
      const file = written("parquet", { "train.parquet": new Uint8Array(parquet) })
      const rows = ["dog", "cat"].map((label, n) => ({ id: `train/${n}`, group: n, label, grey: n + 1 }))
      assert.deepStrictEqual(yield* read(file, labelled), rows)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("are images without texts, in folders, tars, and where there are texts too", () =>
    Effect.gen(function* () {
      const folder = written("images", { ...imageFiles, "a.txt": "a caption" })
      const grey = Object.keys(imageFiles).map((id, n) => ({ id, group: n, grey: n + 1 }))
      assert.deepStrictEqual(yield* read(folder, images), grey)
      const tar = writeTar([
        { name: "a.png", bytes: png(1) },
        { name: "a.txt", bytes: Buffer.from("a caption") },
        { name: "b.png", bytes: png(2) }
      ])
      const tars = written("tars", { "x.tar": tar })
      assert.deepStrictEqual(
        yield* read(tars, images),
        ["x/a", "x/b"].map((id, n) => ({ id, group: n, grey: n + 1 }))
      )
      assert.strictEqual((yield* read("embedded:emoji-tiny", images)).length, 32)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("are texts without images: lines, JSON lines, a column", () =>
    Effect.gen(function* () {
      const folder = written("texts", {
        "lines.txt": "one, two\n\n  the second\r\n",
        "lines.jsonl": '{"text": "one, two"}\n{"text": "the second"}\n',
        "one.jsonl": '{"text": "one, two"}\n',
        "t.tsv": "id\ttext\n1\tone, two\n2\tthe second\n"
      })
      const found = yield* Effect.forEach(["lines.txt", "lines.jsonl", "t.tsv"], (name) => read(`${folder}/${name}`, texts))
      for (const samples of found)
        assert.deepStrictEqual(
          samples.map((sample) => sample["text"]),
          ["one, two", "the second"]
        )
      assert.deepStrictEqual(yield* read(`${folder}/one.jsonl`, texts), [{ id: "0", group: 0, text: "one, two" }])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("have any fields that a list has by name: two images, a box, numbers, a dialog", () =>
    Effect.gen(function* () {
      const fields = {
        ...images,
        other: images.image,
        box: value<readonly number[]>()("box"),
        pose: tensor("float32", "three"),
        dialog: value<unknown>()("dialog")
      }
      const dialog = [{ question: "is it", answer: "yes" }]
      const entry = { image: "a.png", other: "b.png", box: [1, 2.5, 3, 4], pose: [[1], [2], [3]], dialog }
      const wrong = [
        { ...entry, box: [1, 2] },
        { ...entry, pose: "x" },
        { ...entry, other: "" }
      ]
      const folder = written("any", { ...imageFiles, "any.json": json([entry, ...wrong]) })
      const source = yield* openFor(openSource, `${folder}/any.json`, fields)
      const { other, pose, ...sample } = yield* source.sample(0)
      assert.deepStrictEqual([other, pose], [Buffer.from(png(2)), Float32Array.of(1, 2, 3)] as never)
      assert.deepStrictEqual([sample.box, sample.dialog], [[1, 2.5, 3, 4], dialog])
      assert.deepStrictEqual(
        source.issues.map(({ reason }) => reason),
        [
          "box is a list, where a list of four numbers is expected",
          "other is empty",
          "pose is a text, where numbers are expected"
        ]
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("that are not what the pipeline reads are an error that names the field and what there is", () =>
    Effect.gen(function* () {
      const folder = written("errors", { ...imageFiles, "t.csv": "path,kind\na.png,cat\n", "l.json": json([{ image: "a.png" }]) })
      const problem = (name: string, fields: Fields) =>
        Effect.map(Effect.flip(openFor(openSource, name, fields)), (error) => error.message)
      assert.strictEqual(
        yield* problem(`${folder}/t.csv`, labelled),
        `${folder}/t.csv: nothing for 'label'; there is path, kind: name what it is by ?label=NAME`
      )
      assert.match(
        yield* problem(`${folder}/l.json`, questions),
        /l\.json: none of 1 entries can be used: 1 × question is missing, where a text is expected \(entry 0\): name the member of 'question' by \?question=NAME$/
      )
      assert.match(yield* problem(folder, questions), /image \(bytes\), question \(string\), answers \(strings\) is wanted$/)
      assert.match(
        yield* problem(`${folder}/t.csv?kind=odd`, labelled),
        /kind=odd: expected pairs, images, texts, labelled, questions$/
      )
      assert.match(
        yield* problem("embedded:emoji-labels", { label: value()("strings") }),
        /'label' of its samples is string, where the pipeline reads strings$/
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
