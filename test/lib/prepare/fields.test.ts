import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import sharp from "sharp"
import { openFor } from "../../../lib/data/host/host-context.ts"
import { openShardSet } from "../../../lib/data/shards/open-shard-set.ts"
import type { RawSample, Source } from "../../../lib/data/source.ts"
import { pipeline, toData } from "../../../lib/pipeline/pipeline.ts"
import { sampleKinds } from "../../../lib/pipeline/sample-kinds.ts"
import { samples } from "../../../lib/pipeline/samples.ts"
import { trainSettings } from "../../../lib/pipeline/training-settings.ts"
import { prepare } from "../../../lib/prepare/prepare.ts"
import { prepareDefaults } from "../../../lib/prepare/prepare-settings.ts"
import type { Fields } from "../../../lib/tensor/field.ts"
import { temporaryFolder } from "../../temporary-folder.ts"
import { drawnSource, drawnTables, marks } from "../data/samples/tables.ts"
import { jsonLines, prepareTiny } from "./prepared.ts"

const root = temporaryFolder("fields")
const golden = join(import.meta.dirname, "../../golden/shards")

/** The folder that the golden shards were made of, before shards had fields. */
const oldImages = Effect.gen(function* () {
  const folder = join(root, "images")
  mkdirSync(folder)
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content)
  for (const [i, background] of ["#ff0000", "#00ff00", "#0000ff"].entries()) {
    const png = yield* Effect.promise(() =>
      sharp({ create: { width: 30, height: 24, channels: 3, background } })
        .png()
        .toBuffer()
    )
    write(`${i}.png`, png)
    write(`${i}.txt`, `image ${i} in ${background}\nthe same, number ${i}\n`)
    if (i < 2) continue
    write("3.png", png)
    write("3.txt", "a copy of the third\n")
  }
  write("4.png", "no image")
  write("4.txt", "none")
  return folder
})

describe("shards of samples by their fields", () => {
  it.effect("are for pairs the bytes that they were before shards had fields: golden", () =>
    Effect.gen(function* () {
      const out = join(root, "pairs")
      yield* prepareTiny(yield* oldImages, out)
      const files = ["tar", "index", "parquet", "samples.json"].flatMap((ending) => [
        `shard-000000.${ending}`,
        `shard-000001.${ending}`
      ])
      for (const name of [...files, "shards.jsonl", "groups.bin", "quarantine.jsonl"])
        assert.isTrue(readFileSync(join(out, name)).equals(readFileSync(join(golden, name))), name)
      assert.notInclude(readFileSync(join(out, "manifest.json"), "utf8"), '"fields"')
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("leave out a sample without a value, or with a wrong image, by a reason that names the field", () =>
    Effect.gen(function* () {
      const fields = { ...sampleKinds.labelled, other: sampleKinds.images.image }
      const given = drawnSource("faulty", 4, fields)
      const changed = (index: number, sample: RawSample<Fields>): RawSample<Fields> => {
        if (index === 1) return { ...sample, label: undefined }
        return index === 2 ? { ...sample, other: Buffer.from("no image") } : sample
      }
      const source: Source<Fields> = {
        ...given,
        sample: (index) => Effect.map(given.sample(index), (sample) => changed(index, sample))
      }
      const out = join(root, "faulty")
      const chosen = pipeline("p", samples<Fields>(fields, "faulty"))
        .pipe(marks(fields) as never)
        .train(trainSettings({ batch: 2, steps: 1, learningRate: 0.1, warmup: 0 }))
      const job = { kind: "prepare", pipeline: toData(chosen), cache: null, stageFiles: [], folder: out } as const
      yield* Effect.scoped(
        prepare({
          job: { ...job, settings: { ...prepareDefaults, resize: "none" } },
          tables: { ...drawnTables, openSource: () => Effect.succeed(source as unknown as Source) },
          workerUrl: new URL("../data/samples/worker.ts", import.meta.url),
          workers: 0,
          progress: { update: () => Effect.void, print: () => Effect.void }
        })
      )
      const left = jsonLines<{ readonly id: string; readonly reason: string }>(join(out, "quarantine.jsonl"))
      assert.deepStrictEqual(
        left.map(({ id, reason }) => [id, reason]),
        [
          ["drawn/1", "no-value(label)"],
          ["drawn/2", "unsupported-format(other: unknown)"]
        ]
      )
      const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"))
      assert.deepStrictEqual(manifest.fields, JSON.parse(JSON.stringify(fields)))
      const read = yield* openFor(() => openShardSet(out), out, fields)
      assert.deepStrictEqual([read.count, (yield* read.sample(1)).label], [2, (yield* given.sample(3))["label"]])
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
