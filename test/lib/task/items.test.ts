import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parquetWriteBuffer } from "hyparquet-writer"
import { openSource } from "../../../lib/data/open-source.ts"
import type { RawSample, Source } from "../../../lib/data/source.ts"
import { writeTar } from "../../../lib/data/tar/write-tar.ts"
import { SampleError } from "../../../lib/pipeline/errors.ts"
import { listItems, textInput } from "../../../lib/task/items.ts"
import { folderWith } from "../data/sources/folder-with.ts"

const image = (byte: number) => Uint8Array.of(byte)

const sourceOf = (samples: readonly (RawSample | SampleError)[]): Source => ({
  name: "test",
  count: samples.length,
  digest: "",
  credits: [],
  issues: [],
  id: (index) => samples[index]!.id,
  group: (index) => (samples[index] as RawSample).group,
  texts: (index) => Effect.succeed((samples[index] as RawSample).captions),
  sample: (index) => {
    const sample = samples[index]!
    return sample instanceof SampleError ? Effect.fail(sample) : Effect.succeed(sample)
  },
  sampleDigest: () => Effect.succeed("")
})

describe("the items of an evaluation", () => {
  const repeated: readonly RawSample[] = [
    { id: "a", group: 1, image: image(1), captions: ["one", "uno"] },
    { id: "a#2", group: 1, image: image(1), captions: ["eins", "one"] },
    { id: "b", group: 1, image: image(2), captions: ["one"] },
    { id: "c", group: 2, image: image(1), captions: ["one", "un"] },
    { id: "d", group: 3, image: image(3), captions: ["one"] }
  ]
  const textsOf = ({ texts }: { readonly texts: readonly { readonly text: string; readonly group: number }[] }) =>
    texts.map(({ text, group }) => `${group} ${text}`)

  it.effect(
    "count the same image once with the captions of all its samples, whose groups are one, and a text of a group once",
    () =>
      Effect.gen(function* () {
        const items = yield* listItems(sourceOf(repeated), [])
        assert.deepStrictEqual(items.images, [
          { index: 0, id: "a", group: 1 },
          { index: 2, id: "b", group: 1 },
          { index: 4, id: "d", group: 3 }
        ])
        assert.deepStrictEqual(textsOf(items), ["1 one", "1 uno", "1 eins", "1 un", "3 one"])
        const two = yield* listItems(sourceOf(repeated), [], 2)
        assert.deepStrictEqual(textsOf(two), ["1 one", "1 uno", "3 one"])
      })
  )

  it.effect("count each sample's image by itself where the source says so", () =>
    Effect.gen(function* () {
      const items = yield* listItems({ ...sourceOf(repeated), groupBy: "sample" }, [])
      assert.deepStrictEqual(
        items.images.map(({ id, group }) => [id, group]),
        [
          ["a", 1],
          ["b", 1],
          ["c", 2],
          ["d", 3]
        ]
      )
      assert.deepStrictEqual(textsOf(items), ["1 one", "1 uno", "1 eins", "2 one", "2 un", "3 one"])
    })
  )

  it.effect("are the same for a table of a row a caption, tars and folders of a file a caption, and a list of images", () =>
    Effect.gen(function* () {
      const captions = [["one", "uno"], ["two"], ["three", "tre", "drei"]]
      const bytes = (i: number) => Buffer.from(`image ${i}`)
      const rows = captions.flatMap((texts, i) => texts.map((text) => ({ i, text })))
      const parquet = parquetWriteBuffer({
        columnData: [
          { name: "jpg", type: "BYTE_ARRAY", data: rows.map(({ i }) => new Uint8Array(bytes(i))) },
          { name: "caption", data: rows.map(({ text }) => text) }
        ]
      })
      const files = Object.fromEntries(
        rows.flatMap(({ i, text }, row) => [[`${row}.jpg`, bytes(i)] as const, [`${row}.txt`, Buffer.from(text)] as const])
      )
      const folder = yield* folderWith({
        "list.json": JSON.stringify(captions.map((caption, i) => ({ image: `p${i}.jpg`, caption }))),
        ...Object.fromEntries(captions.map((_, i) => [`p${i}.jpg`, bytes(i)])),
        "rows.csv": `image,caption\n${rows.map(({ i, text }) => `p${i}.jpg,${text}\n`).join("")}`,
        "rows.parquet": new Uint8Array(parquet),
        "rows.tar": writeTar(Object.entries(files).map(([name, content]) => ({ name, bytes: content }))),
        ...Object.fromEntries(Object.entries(files).map(([name, content]) => [`files/${name}`, content]))
      })
      /** For each image, its texts. */
      const listed = (name: string) =>
        Effect.gen(function* () {
          const { images, texts } = yield* listItems(yield* openSource(`${folder}/${name}`), [])
          return images.map(({ group }) => texts.flatMap((text) => (text.group === group ? [text.text] : [])))
        })
      for (const name of ["list.json", "rows.csv", "rows.parquet", "rows.tar", "files", "rows.parquet?group=content"])
        assert.deepStrictEqual(yield* listed(name), captions, name)
      assert.strictEqual((yield* listed("rows.parquet?group=sample")).length, rows.length)
      const mixed = `${folder}/list.json*1+${folder}/rows.parquet*1`
      const { images, texts } = yield* listItems(yield* openSource(mixed), [])
      assert.deepStrictEqual([images.length, texts.length], [captions.length, rows.length])
      assert.match(
        (yield* Effect.flip(openSource(`${folder}/rows.csv?group=row`))).message,
        /: group=row: expected content or sample$/
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("leave out samples that cannot be used, by name and reason, and captions over the limit", () =>
    Effect.gen(function* () {
      const bad = new SampleError({ id: "bad", reason: "truncated" })
      const items = yield* listItems(sourceOf([bad, { id: "b", group: 7, image: image(0), captions: ["x", "y"] }]), [], 1)
      assert.deepStrictEqual(items.skipped, [{ id: "bad", reason: "truncated" }])
      assert.deepStrictEqual(items.texts, [{ text: "x", id: "b", group: 7 }])
    })
  )

  it.effect("give host stages a text as a sample with one caption", () =>
    Effect.gen(function* () {
      const input = textInput({ text: "a cat", id: "b", group: 7 })
      assert.deepStrictEqual((yield* input.raw).captions, ["a cat"])
      assert.notStrictEqual(yield* input.digest, yield* textInput({ text: "a dog", id: "b", group: 7 }).digest)
    })
  )
})
