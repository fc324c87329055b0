import { join } from "node:path"
import { Effect } from "effect"
import { writeAtomically } from "../store/atomic.ts"
import { sha256 } from "../store/digest.ts"
import { readFinished } from "./finished-shard.ts"
import { PrepareError } from "./prepare-error.ts"
import { shardName } from "./shard-stats.ts"

/** The list of shards, and of what is in none, beside the manifest. */
const listName = "shards.jsonl"
const quarantineName = "quarantine.jsonl"

/** How many samples a folder of shards has, and how many are in none, and why. */
export interface SetCounts {
  readonly read: number
  readonly samples: number
  /** Samples that could not be used. */
  readonly quarantined: number
  /** Samples left out on purpose. */
  readonly filtered: number
  readonly duplicates: number
  /** All of those left out, by kind of reason. */
  readonly reasons: { readonly [kind: string]: number }
}

/** What lies in a folder of finished shards. */
export interface ShardSet {
  readonly counts: SetCounts
  readonly shards: { readonly count: number; readonly bytes: number; readonly samples: number }
  readonly list: string
  /** Of the list. */
  readonly sha256: string
  readonly quarantine: { readonly name: string; readonly sha256: string; readonly lines: number }
}

/**
 * Writes the lists of a folder whose shards are all finished: `shards.jsonl`, a line per shard that has samples, and
 * `quarantine.jsonl`, a line per sample that is in none, in the order of the source.
 */
export const writeShardSet = Effect.fn("prepare.writeShardSet")(function* (folder: string, shards: number, job: string) {
  const lines: string[] = []
  const quarantine: string[] = []
  const counts = { read: 0, samples: 0, quarantined: 0, filtered: 0, duplicates: 0 }
  const reasons = new Map<string, number>()
  let bytes = 0
  for (let shard = 0; shard < shards; shard++) {
    const finished = yield* readFinished({ folder, shard, job })
    if (finished === undefined) return yield* new PrepareError({ folder, problem: `${shardName(shard)} is not finished` })
    const { tar, leftOut, counts: own } = finished
    if (own.samples > 0) {
      lines.push(
        `${JSON.stringify({ name: tar.name, samples: own.samples, bytes: tar.bytes, sha256: tar.sha256, first: counts.samples })}\n`
      )
      bytes += tar.bytes
    }
    for (const line of leftOut) quarantine.push(`${JSON.stringify(line)}\n`)
    counts.read += own.read
    counts.samples += own.samples
    counts.quarantined += own.failed
    counts.filtered += own.filtered
    counts.duplicates += own.duplicates
    for (const [kind, count] of Object.entries(own.reasons)) reasons.set(kind, (reasons.get(kind) ?? 0) + count)
  }
  const list = lines.join("")
  const left = quarantine.join("")
  yield* writeAtomically(join(folder, listName), list)
  yield* writeAtomically(join(folder, quarantineName), left)
  const sorted = [...reasons].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const set: ShardSet = {
    counts: { ...counts, reasons: Object.fromEntries(sorted) },
    shards: { count: lines.length, bytes, samples: counts.samples },
    list: listName,
    sha256: sha256(list),
    quarantine: { name: quarantineName, sha256: sha256(left), lines: quarantine.length }
  }
  return set
})
