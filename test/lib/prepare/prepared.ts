import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { Effect, Stream } from "effect"
import type { DataTables } from "../../../lib/data/host/host-stages.ts"
import { readTar } from "../../../lib/data/tar/read-tar.ts"
import { overridden } from "../../../lib/pipeline/override.ts"
import { type Pipeline, toData } from "../../../lib/pipeline/pipeline.ts"
import { prepare } from "../../../lib/prepare/prepare.ts"
import { type PrepareSettings, prepareDefaults } from "../../../lib/prepare/prepare-settings.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { dataTables } from "../../../pipelines/stages.ts"
import { tiny } from "../../../pipelines/tiny.ts"
import { toyPipeline, toyTables } from "../../toy/pipeline.ts"

/** Nothing is shown. */
const silent = { update: () => Effect.void, print: () => Effect.void }

/** Prepares a source for a pipeline into a folder. */
const prepareFor =
  (pipeline: Pipeline, tables: DataTables) =>
  (data: string, folder: string, settings: Partial<PrepareSettings> = {}, workers = 0, update = false) => {
    const changed = overridden(pipeline, [`source.train=${JSON.stringify(data)}`], tables)
    return Effect.scoped(
      prepare({
        job: {
          kind: "prepare",
          pipeline: toData(changed),
          cache: null,
          stageFiles: [],
          folder,
          settings: { ...prepareDefaults, size: 24, shardSize: 4, ...settings }
        },
        tables,
        workerUrl: new URL("../../../pipelines/worker.ts", import.meta.url),
        workers,
        update,
        progress: silent
      })
    )
  }

/** Prepares a source for the pipeline `tiny`, which keeps token ids. */
export const prepareTiny = prepareFor(tiny, dataTables)

/** Prepares a source for a pipeline whose stages keep nothing: the quickest. */
export const prepareToy = prepareFor(toyPipeline(), { ...toyTables, openSource: dataTables.openSource })

/** The digest of each file under a folder, by its path there. */
export const digests = (folder: string): { readonly [path: string]: string } =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [relative(folder, path), sha256(readFileSync(path))])
  )

/** What a shard's JSON member says. */
export interface Member {
  readonly id: string
  readonly group: number
  readonly index: number
  readonly captions: readonly string[]
  readonly width: number
  readonly height: number
  readonly original_width: number
  readonly original_height: number
  readonly sha256: string
  readonly tokens: { readonly [stage: string]: readonly (readonly number[])[] }
}

/** All samples of a folder's shards, with their images. */
export const samplesIn = async (folder: string): Promise<readonly (Member & { readonly image: Uint8Array })[]> => {
  const all = []
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith(".tar")) continue
    const bytes = new Uint8Array(readFileSync(join(folder, name)))
    const entries = await Effect.runPromise(Stream.runCollect(readTar(Stream.make(bytes))))
    const byName = new Map(entries.map((entry) => [entry.name, entry.bytes]))
    for (const [member, content] of byName) {
      if (!member.endsWith(".json")) continue
      const said = JSON.parse(Buffer.from(content).toString()) as Member
      all.push({ ...said, image: byName.get(member.replace(/json$/, "jpg"))! })
    }
  }
  return all
}

/** The lines of a JSON Lines file. */
export const jsonLines = <A>(path: string): readonly A[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as A)
