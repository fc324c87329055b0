/**
 * Reads here what the peers write there: shards of Python webdataset, parquet of pyarrow, and all three outputs of img2dataset.
 * `node test/bench/data/read-foreign.ts`; `sh test/bench/data/peers/setup-prepare.sh` makes the environments first.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import sharp from "sharp"
import { openSource } from "../../../lib/data/open-source.ts"
import { contentDigest } from "../../../lib/data/source.ts"

const peers = join(import.meta.dirname, "peers")
const python = (environment: string) => join(peers, `.venv-${environment}`, "bin", "python")
const count = 8

interface Row {
  readonly file: string
  readonly bytes: Buffer
  readonly captions: readonly string[]
}

const makeRows = async (folder: string): Promise<readonly Row[]> => {
  mkdirSync(folder)
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const background = { r: 20 + 20 * i, g: 90, b: 30 }
      const bytes = await sharp({ create: { width: 320, height: 280, channels: 3, background } })
        .jpeg()
        .toBuffer()
      const file = join(folder, `${i}.jpg`)
      writeFileSync(file, bytes)
      return { file, bytes, captions: [`a square of shade ${i}, "größer" 🧑🏽‍🚀`, `second text ${i}`] }
    })
  )
}

/** img2dataset's output in one of its formats, of images as they are. */
const img2dataset = (rows: readonly Row[], format: string, out: string) => {
  const list = `${out}.json`
  writeFileSync(list, JSON.stringify(rows.map(({ file, captions }) => ({ url: pathToFileURL(file).href, caption: captions[0] }))))
  const options = {
    ...{
      url_list: list,
      input_format: "json",
      url_col: "url",
      caption_col: "caption",
      output_format: format,
      output_folder: out
    },
    ...{ processes_count: 1, thread_count: 1, resize_mode: "no", disable_all_reencoding: "True", number_sample_per_shard: 5 }
  }
  const flags = Object.entries(options).map(([name, value]) => `--${name}=${value}`)
  // Its progress and its advice about other packages go to stderr; a failure's is part of the error.
  execFileSync(python("img2dataset"), ["-m", "img2dataset.main", ...flags], { stdio: ["ignore", "ignore", "pipe"] })
}

/** Reads all of a source; what it has beside what was written, as sets of digests of images and captions. */
const compared = Effect.fnUntraced(function* (data: string, expected: ReadonlySet<string>) {
  const source = yield* openSource(data)
  const all = Array.from({ length: source.count }, (_, index) => index)
  const samples = yield* Effect.forEach(all, source.sample, { concurrency: 4 })
  const found = new Set(samples.map(({ image, captions }) => contentDigest(image, captions)))
  const same = found.size === expected.size && [...found].every((digest) => expected.has(digest))
  return { count: source.count, same, ids: samples.slice(0, 2).map(({ id }) => id) }
})

const folder = mkdtempSync(join(tmpdir(), "read-foreign-"))
try {
  const rows = await makeRows(join(folder, "images"))
  const digests = (captions: (row: Row) => readonly string[]) =>
    new Set(rows.map((row) => contentDigest(row.bytes, captions(row))))
  const list = join(folder, "rows.json")
  writeFileSync(list, JSON.stringify(rows.map(({ file, captions }) => ({ file, captions }))))
  const foreign = join(folder, "foreign")
  mkdirSync(foreign)
  execFileSync(python("webdataset"), [join(peers, "write_foreign.py"), list, foreign], { stdio: "inherit" })
  const one = digests(({ captions }) => captions.slice(0, 1))
  const both = digests(({ captions }) => captions)
  const cases: [name: string, data: string, expected: ReadonlySet<string>][] = [
    ["webdataset ShardWriter", join(foreign, "webdataset"), one],
    ["webdataset ShardWriter, captions of its JSON", `${join(foreign, "webdataset")}?caption=captions`, both],
    ["webdataset TarWriter, long names", join(foreign, "webdataset-names"), one]
  ]
  for (const kind of ["snappy", "zstd", "gzip", "brotli", "lz4", "pages"])
    cases.push([`pyarrow, ${kind}`, join(foreign, `parquet-${kind}`), both])
  for (const format of ["webdataset", "files", "parquet"]) {
    const out = join(folder, `img2dataset-${format}`)
    img2dataset(rows, format, out)
    cases.push([`img2dataset ${format}`, out, one])
  }
  for (const [name, data, expected] of cases) {
    const { count, same, ids } = await Effect.runPromise(compared(data, expected).pipe(Effect.provide(NodeServices.layer)))
    console.log(`${same && count === rows.length ? "same " : "OTHER"} ${name}: ${count} samples, ${ids.join(", ")}`)
    if (!same) process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true })
}
