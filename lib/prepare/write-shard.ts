import { join } from "node:path"
import { Effect, Stream } from "effect"
import { encodeShardIndex, type IndexRow, type Range } from "../data/shards/shard-index.ts"
import { writeAtomically, writeFileAtomically } from "../store/atomic.ts"
import { sha256 } from "../store/digest.ts"
import type { Outcome } from "./outcome.ts"
import { shardInputs } from "./sample-input.ts"
import { rowsJson, rowsParquet, type SampleRow, sampleRow } from "./sample-rows.ts"
import { sampleMembers } from "./shard-members.ts"
import { figuresOf, type SampleFigures, type ShardSummary, shardName, shardSummary } from "./shard-stats.ts"
import { tarAppender } from "./tar-appender.ts"

/** A file of a shard as in its `stats.json`. */
export interface ShardFile {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** Content of `shard-NNNNNN.stats.json`: a shard is finished if this file exists and is correct. */
export interface ShardStats extends ShardSummary {
  readonly format: "semmim-shard"
  readonly version: 1
  /** The digest of everything that determines the shard, besides the samples. */
  readonly job: string
  /** The digest of everything but the source: settings, stages' preprocessing, versions. */
  readonly recipe: string
  /** The digest of the source's samples (`shardInputs`): with the recipe, it determines the shard. */
  readonly inputs: string
  readonly shard: number
  readonly tar: ShardFile
  readonly files: readonly ShardFile[]
}

/** Number and folder of the shard that is written. */
export interface ShardPlace {
  readonly folder: string
  readonly shard: number
  readonly job: string
  readonly recipe: string
}

/** Returns the path of a shard's statistics. */
export const statsPath = ({ folder, shard }: Pick<ShardPlace, "folder" | "shard">): string =>
  join(folder, `${shardName(shard)}.stats.json`)

/** Position of a member that a sample does not have. */
const nothing: Range = { offset: 0, size: 0 }

const writeBeside = Effect.fnUntraced(function* (folder: string, name: string, content: Uint8Array | string) {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
  yield* writeAtomically(join(folder, name), bytes)
  return { name, bytes: bytes.length, sha256: sha256(bytes) } satisfies ShardFile
})

/**
 * Writes a shard of the outcomes, in their order: the tar, its index, a row per sample as Parquet and JSON, and last the
 * statistics with the digests of all of them. Each file is complete or absent whenever the machine stops; only the rows of a
 * shard are kept in memory.
 */
export const writeShard = Effect.fn("prepare.writeShard")(function* <E, R>(
  { folder, shard, job, recipe }: ShardPlace,
  outcomes: Stream.Stream<Outcome, E, R>
) {
  const name = shardName(shard)
  const rows: SampleRow[] = []
  const figures: SampleFigures[] = []
  const index: IndexRow[] = []
  let others = 0
  const inputs: (readonly [index: number, input: string])[] = []
  const tarPath = join(folder, `${name}.tar`)
  const written = yield* writeFileAtomically(
    tarPath,
    Effect.fnUntraced(function* (file) {
      const tar = tarAppender(file, tarPath)
      const take = Effect.fnUntraced(function* (outcome: Outcome) {
        rows.push(sampleRow(outcome))
        figures.push(figuresOf(outcome))
        inputs.push([outcome.index, outcome.input])
        if (outcome.status !== "success") return
        const members = sampleMembers(outcome)
        const [image = nothing, ...more] = yield* Effect.forEach(members.images, tar.add)
        const text = members.text ? yield* tar.add(members.text) : nothing
        const json = yield* tar.add(members.json)
        others = more.length
        index.push({ id: outcome.id, group: outcome.group, key: outcome.index, image, text, json, more })
      })
      yield* Stream.runForEach(outcomes, take)
      return yield* tar.end
    })
  )
  const files = [
    yield* writeBeside(folder, `${name}.index`, encodeShardIndex(index, others)),
    yield* writeBeside(folder, `${name}.parquet`, rowsParquet(rows)),
    yield* writeBeside(folder, `${name}.samples.json`, rowsJson(rows))
  ]
  const stats: ShardStats = {
    format: "semmim-shard",
    version: 1,
    job,
    recipe,
    inputs: shardInputs(inputs),
    shard,
    tar: { name: `${name}.tar`, ...written },
    files,
    ...shardSummary(figures)
  }
  yield* writeAtomically(statsPath({ folder, shard }), `${JSON.stringify(stats, null, 1)}\n`)
  return stats
})
