import { Effect } from "effect"
import type { SchemaElement } from "hyparquet"
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer"
import { writeTar } from "../../../../lib/data/tar/write-tar.ts"
import { image } from "../../cli/odd-images.ts"
import { folderWith } from "./folder-with.ts"

/** A small data set in some format: what `--data` is called with, and what must be read of it. */
export interface MadeDataSet {
  readonly data: string
  readonly ids: readonly string[]
  readonly captions: ReadonlyArray<readonly string[]>
}

type Files = { readonly [name: string]: string | Uint8Array }

const count = 4
const shade = (i: number) => 30 + 50 * i
const numbers = Array.from({ length: count }, (_, i) => i)
const captions = numbers.map((i) => [`a square of shade ${i}`, `ein Quadrat, "Ton" ${i}, größer`])
const singles = captions.map(([first]) => [first!])

/** Images 0 to 3 by the names that a format gives them. */
const images = (nameOf: (i: number) => string, format: "jpeg" | "png" | "webp" = "jpeg") =>
  Effect.map(
    Effect.forEach(numbers, (i) => image(shade(i), format)),
    (bytes): Files => Object.fromEntries(bytes.map((each, i) => [nameOf(i), each]))
  )
const bytesOf = (i: number) => image(shade(i), "jpeg")

const set = Effect.fnUntraced(function* (
  files: Files,
  data: string,
  ids: (i: number) => string,
  said: ReadonlyArray<readonly string[]> = captions
) {
  const folder = yield* folderWith(files)
  return { data: `${folder}/${data}`, ids: numbers.map(ids), captions: said } satisfies MadeDataSet
})

const csvField = (text: string) => `"${text.replaceAll('"', '""')}"`
const parquetOf = (columnData: ColumnSource[]) => new Uint8Array(parquetWriteBuffer({ columnData }))

/** Hugging Face's schema of images with lists of captions. */
const huggingFace: SchemaElement[] = [
  { name: "schema", num_children: 2 },
  { name: "image", num_children: 2, repetition_type: "OPTIONAL" },
  { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
  { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  { name: "caption", num_children: 1, repetition_type: "OPTIONAL", converted_type: "LIST" },
  { name: "list", num_children: 1, repetition_type: "REPEATED" },
  { name: "element", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" }
]

const tarOf = (imageBytes: readonly Uint8Array[], from: number, json: boolean) =>
  writeTar(
    imageBytes.flatMap((bytes, i) => {
      const key = String(from + i).padStart(9, "0")
      const text = Buffer.from(json ? JSON.stringify({ caption: singles[from + i]![0], key }) : captions[from + i]!.join("\n"))
      return [
        { name: `${key}.jpg`, bytes },
        { name: `${key}.${json ? "json" : "txt"}`, bytes: text }
      ]
    })
  )
const twoTars = (json: boolean) =>
  Effect.map(Effect.forEach(numbers, bytesOf), (bytes) => ({
    first: tarOf(bytes.slice(0, 2), 0, json),
    second: tarOf(bytes.slice(2), 2, json)
  }))

const cocoName = (i: number) => `COCO_val2014_00000000000${i}.jpg`

/** A small real data set in each format. */
export const dataSets = {
  "COCO's own annotations": Effect.gen(function* () {
    const annotations = {
      info: { year: 2014, "contributors-[{": '"escaped\\"' },
      annotations: numbers
        .toReversed()
        .flatMap((i) => captions[i]!.map((caption, j) => ({ id: 10 * i + j, image_id: 700 + i, caption }))),
      images: [...numbers.map((i) => ({ id: 700 + i, file_name: cocoName(i), width: 40 })), { id: 9, file_name: "without.jpg" }]
    }
    const files = yield* images((i) => `val2014/${cocoName(i)}`)
    return yield* set(
      { ...files, "annotations/captions_val2014.json": JSON.stringify(annotations) },
      "annotations/captions_val2014.json",
      cocoName
    )
  }),
  "Karpathy's splits of COCO": Effect.gen(function* () {
    const entry = (i: number, split: string) => ({
      ...{ filepath: "val2014", filename: cocoName(i), split, cocoid: i, sentids: [i] },
      sentences: captions[i]!.map((raw) => ({ raw, tokens: raw.split(" ") }))
    })
    const entries = [
      ...numbers.map((i) => entry(i, i < 2 ? "train" : "restval")),
      { ...entry(0, "test"), filename: "held-out.jpg" }
    ]
    const files = yield* images((i) => `images/val2014/${cocoName(i)}`)
    return yield* set(
      { ...files, "dataset_coco.json": JSON.stringify({ images: entries, dataset: "coco" }) },
      "dataset_coco.json",
      (i) => `val2014/${cocoName(i)}`
    )
  }),
  "Karpathy's splits of Flickr30K": Effect.gen(function* () {
    const entries = numbers.map((i) => ({
      filename: `100${i}.jpg`,
      split: "test",
      imgid: i,
      sentences: captions[i]!.map((raw) => ({ raw }))
    }))
    const files = yield* images((i) => `flickr30k-images/100${i}.jpg`)
    return yield* set(
      { ...files, "dataset_flickr30k.json": JSON.stringify({ images: entries, dataset: "flickr30k" }) },
      "dataset_flickr30k.json?split=test",
      (i) => `100${i}.jpg`
    )
  }),
  "Flickr30K's token file": Effect.gen(function* () {
    const lines = captions.flatMap((texts, i) => texts.map((text, j) => `100${i}.jpg#${j}\t${text}\n`))
    const files = yield* images((i) => `flickr30k-images/100${i}.jpg`)
    return yield* set({ ...files, "results_20130124.token": lines.join("") }, "results_20130124.token", (i) => `100${i}.jpg`)
  }),
  "Flickr30K's table": Effect.gen(function* () {
    const lines = singles.map(([text], i) => `100${i}.jpg| 0| ${text}\n`)
    const files = yield* images((i) => `flickr30k_images/100${i}.jpg`)
    const table = `image_name| comment_number| comment\n${lines.join("")}`
    return yield* set({ ...files, "results.csv": table }, "results.csv?images=flickr30k_images", (i) => `100${i}.jpg`, singles)
  }),
  "Visual Genome's regions": Effect.gen(function* () {
    const regions = numbers.map((i) => ({
      regions: [...captions[i]!, captions[i]![0]!].map((phrase, region_id) => ({
        region_id,
        image_id: i + 1,
        phrase,
        x: 0,
        width: 9
      })),
      id: i + 1
    }))
    const files = yield* images((i) => `${i % 2 ? "VG_100K" : "VG_100K_2"}/${i + 1}.jpg`)
    return yield* set(
      { ...files, "region_descriptions.json": JSON.stringify(regions, null, 1) },
      "region_descriptions.json",
      (i) => `${i + 1}.jpg`
    )
  }),
  "an ALBEF list": Effect.gen(function* () {
    const list = numbers.flatMap((i) => [
      { image: `coco/${i}.png`, caption: captions[i]![0], image_id: `coco_${i}` },
      { image: `coco/${i}.png`, caption: captions[i]!.slice(1) }
    ])
    const files = yield* images((i) => `coco/${i}.png`, "png")
    return yield* set({ ...files, "train.json": JSON.stringify(list) }, "train.json", (i) => `coco/${i}.png`)
  }),
  "open_clip's table": Effect.gen(function* () {
    const rows = captions.flatMap((texts, i) => texts.map((text) => `p/${i}.webp\t${csvField(text)}\r\n`))
    const files = yield* images((i) => `p/${i}.webp`, "webp")
    return yield* set({ ...files, "train.tsv": `filepath\ttitle\r\n${rows.join("")}` }, "train.tsv", (i) => `p/${i}.webp`)
  }),
  "a CSV with columns of its own": Effect.gen(function* () {
    const rows = numbers.map((i) => `${i},${csvField(captions[i]![1]!)},${csvField(captions[i]![0]!)},${i}.jpg\n`)
    const files = yield* images((i) => `${i}.jpg`)
    const table = `\ufeffn,deutsch,english,file\n${rows.join("")}`
    return yield* set({ ...files, "own.csv": table }, "own.csv?image=file&caption=english,deutsch", (i) => `${i}.jpg`)
  }),
  "a folder of images with texts": Effect.gen(function* () {
    const texts = Object.fromEntries(numbers.map((i) => [`in/${i}.txt`, captions[i]!.join("\r\n")]))
    return yield* set({ ...(yield* images((i) => `in/${i}.jpg`)), ...texts }, "", (i) => `in/${i}.jpg`)
  }),
  "a folder of tars": Effect.gen(function* () {
    const { first, second } = yield* twoTars(false)
    const ids = (i: number) => `${i < 2 ? "shard-000000" : "shard-000001"}/00000000${i}`
    return yield* set({ "shards/shard-000000.tar": first, "shards/shard-000001.tar": second }, "shards", ids)
  }),
  "a pattern of tars": Effect.gen(function* () {
    const { first, second } = yield* twoTars(false)
    const ids = (i: number) => `${i < 2 ? "a-8" : "a-9"}/00000000${i}`
    return yield* set({ "a-8.tar": first, "a-9.tar": second }, "a-{8..9}.tar", ids)
  }),
  "img2dataset's tars": Effect.gen(function* () {
    const { first, second } = yield* twoTars(true)
    const rows = parquetOf([
      { name: "key", data: ["000000000"] },
      { name: "status", data: ["success"] }
    ])
    const files = { "00000.tar": first, "00000.parquet": rows, "00000_stats.json": "{}", "00001.tar": second }
    return yield* set(files, "", (i) => `0000${i < 2 ? 0 : 1}/00000000${i}`, singles)
  }),
  "img2dataset's files": Effect.gen(function* () {
    const name = (i: number) => `00000/00000000${i}`
    const texts = Object.fromEntries(numbers.map((i) => [`${name(i)}.json`, JSON.stringify({ caption: singles[i]![0] })]))
    const rows = parquetOf([
      { name: "key", data: ["000000000"] },
      { name: "status", data: ["success"] }
    ])
    const files = { ...(yield* images((i) => `${name(i)}.jpg`)), ...texts, "00000.parquet": rows, "00000_stats.json": "{}" }
    return yield* set(files, "", (i) => `${name(i)}.jpg`, singles)
  }),
  "img2dataset's parquet": Effect.gen(function* () {
    const bytes = yield* Effect.forEach(numbers, bytesOf)
    const file = parquetOf([
      { name: "caption", data: [...singles.map(([text]) => text!), "gone"], type: "STRING" },
      { name: "key", data: [...numbers, 4].map((i) => `00000000${i}`), type: "STRING" },
      { name: "status", data: [...numbers.map(() => "success"), "failed_to_download"], type: "STRING" },
      { name: "jpg", data: [...bytes, null], type: "BYTE_ARRAY", nullable: true }
    ])
    return yield* set({ "00000.parquet": file }, "00000.parquet", (i) => `00000/${i}`, singles)
  }),
  "Hugging Face's parquet": Effect.gen(function* () {
    const bytes = yield* Effect.forEach(numbers, bytesOf)
    // Without an index of pages, as pyarrow writes it: images are read by row groups.
    const file = (some: readonly number[]) =>
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            { name: "image", data: some.map((i) => ({ bytes: bytes[i]!, path: `${i}.jpg` })), offsetIndex: false },
            { name: "caption", data: some.map((i) => captions[i]!), offsetIndex: false }
          ],
          schema: huggingFace,
          rowGroupSize: [1, 1]
        })
      )
    const files = {
      "data/train-00000-of-00002.parquet": file([0, 1]),
      "data/train-00001-of-00002.parquet": file([2, 3]),
      "data/test-00000-of-00001.parquet": file([0])
    }
    return yield* set(files, "", (i) => `train-0000${i < 2 ? 0 : 1}-of-00002/${i % 2}`)
  }),
  "parquet with paths": Effect.gen(function* () {
    const file = parquetOf([
      { name: "image_path", data: numbers.map((i) => `p/${i}.jpg`), type: "STRING" },
      { name: "text", data: singles.map(([text]) => text!), type: "STRING" }
    ])
    return yield* set(
      { ...(yield* images((i) => `p/${i}.jpg`)), "train.parquet": file },
      "train.parquet",
      (i) => `p/${i}.jpg`,
      singles
    )
  })
} satisfies { readonly [format: string]: Effect.Effect<MadeDataSet, unknown, unknown> }
