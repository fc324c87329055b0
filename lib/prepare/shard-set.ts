import { createHash } from "node:crypto"
import { join } from "node:path"
import { Effect } from "effect"
import { writeFileAtomically } from "../store/atomic.ts"
import { type StoreError, storeError } from "../store/store-error.ts"
import { readFinished } from "./finished-shard.ts"
import { PrepareError } from "./prepare-error.ts"
import { type GroupsEntry, writeGroups } from "./shard-groups.ts"
import { shardName } from "./shard-stats.ts"

/** The lists of shards and of the samples that are in none, beside the manifest. */
const listName = "shards.jsonl"
const quarantineName = "quarantine.jsonl"

/** Numbers of samples in a folder of shards, and of those that are in none, by reason. */
export interface SetCounts {
  readonly read: number
  readonly samples: number
  /** Number of samples that could not be used. */
  readonly quarantined: number
  /** Number of samples left out on purpose. */
  readonly filtered: number
  readonly duplicates: number
  /** Number of all samples left out, by kind of reason. */
  readonly reasons: { readonly [kind: string]: number }
}

/** Content of a folder of finished shards. */
export interface ShardSet {
  readonly counts: SetCounts
  readonly shards: { readonly count: number; readonly bytes: number; readonly samples: number }
  readonly list: string
  /** SHA-256 of the list. */
  readonly sha256: string
  readonly quarantine: { readonly name: string; readonly sha256: string; readonly lines: number }
  /** The groups of samples, where some are of one image. */
  readonly groups?: GroupsEntry
}

type Add = (lines: readonly unknown[]) => Effect.Effect<void, StoreError>

/**
 * Writes a file of lines atomically, some at a time: a quarantine may have as many as the source. Returns the result of `fill`,
 * and the SHA-256.
 */
const writeLines = <A, E, R>(path: string, fill: (add: Add) => Effect.Effect<A, E, R>) =>
  writeFileAtomically(path, (file) => {
    const sum = createHash("sha256")
    const add: Add = (lines) => {
      const bytes = new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(""))
      sum.update(bytes)
      return bytes.length === 0 ? Effect.void : file.writeAll(bytes).pipe(Effect.mapError(storeError(path)))
    }
    return Effect.map(fill(add), (made) => ({ made, sha256: sum.digest("hex") }))
  })

/**
 * Writes the lists of a folder whose shards are all finished: `shards.jsonl`, a line per shard that has samples, and
 * `quarantine.jsonl`, a line per sample that is in none, in the order of the source; and the groups of samples where some are of
 * one image and `joins` is true: they count as one.
 */
export const writeShardSet = Effect.fn("prepare.writeShardSet")(function* (
  folder: string,
  shards: number,
  job: string,
  joins: boolean
) {
  const counts = { read: 0, samples: 0, quarantined: 0, filtered: 0, duplicates: 0 }
  const written = { count: 0, bytes: 0 }
  const reasons = new Map<string, number>()
  const withSamples: string[] = []
  let leftOut = 0
  const addAll = Effect.fnUntraced(function* (addShards: Add, addLeftOut: Add) {
    for (let shard = 0; shard < shards; shard++) {
      const finished = yield* readFinished({ folder, shard, job })
      if (finished === undefined) return yield* new PrepareError({ folder, problem: `${shardName(shard)} is not finished` })
      const { tar, counts: own } = finished
      if (own.samples > 0) {
        const { name, bytes, sha256 } = tar
        yield* addShards([{ name, samples: own.samples, bytes, sha256, first: counts.samples }])
        withSamples.push(shardName(shard))
        written.count++
        written.bytes += bytes
      }
      yield* addLeftOut(finished.leftOut)
      leftOut += finished.leftOut.length
      counts.read += own.read
      counts.samples += own.samples
      counts.quarantined += own.failed
      counts.filtered += own.filtered
      counts.duplicates += own.duplicates
      for (const [kind, count] of Object.entries(own.reasons)) reasons.set(kind, (reasons.get(kind) ?? 0) + count)
    }
  })
  const list = yield* writeLines(join(folder, listName), (addShards) =>
    writeLines(join(folder, quarantineName), (addLeftOut) => addAll(addShards, addLeftOut))
  )
  const groups = yield* writeGroups(folder, withSamples, joins)
  const sorted = [...reasons].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const set: ShardSet = {
    counts: { ...counts, reasons: Object.fromEntries(sorted) },
    shards: { ...written, samples: counts.samples },
    list: listName,
    sha256: list.sha256,
    quarantine: { name: quarantineName, sha256: list.made.sha256, lines: leftOut },
    ...(groups ? { groups } : {})
  }
  return set
})
