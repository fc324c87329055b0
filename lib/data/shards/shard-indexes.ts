import { readFileSync } from "node:fs"
import { Effect } from "effect"
import { oneLine } from "../../error/one-line.ts"
import type { Fields } from "../../tensor/field.ts"
import { type ByteStore, inside, isRemote } from "./byte-store.ts"
import type { ShardList } from "./manifest.ts"
import { rebuildIndex } from "./rebuild-index.ts"
import { decodeShardIndex, type ShardIndex } from "./shard-index.ts"

/** The indexes of a set's shards. */
export interface ShardIndexes {
  /** Returns the index of a shard, or the reason why it has none; that of a local set is read on first use. */
  readonly of: (shard: number) => ShardIndex | string
  /** Returns the number of bytes of indexes in memory. */
  readonly bytes: () => number
}

/**
 * Bytes of indexes of local sets that are kept in memory, beyond which they are dropped and read again: about three million
 * samples.
 */
const keptBytes = 256 * 2 ** 20

/** `shard-000000.tar` → `shard-000000.index`. */
export const indexName = (shard: string): string => `${shard.replace(/\.[^.]*$/, "")}.index`

/** Number of indexes read concurrently when a set is opened. */
const atOnce = 16

/** Returns the index of a shard of that many samples, or the reason why the bytes are not one. */
const checked = (bytes: Uint8Array, file: string, samples: number): ShardIndex | string => {
  try {
    const index = decodeShardIndex(bytes, file)
    return index.count === samples ? index : `${index.count} samples in the index, where the list says ${samples}`
  } catch (cause) {
    return oneLine(cause)
  }
}

/**
 * Opens the indexes of a set whose folder holds `sizes`, bytes by name; `broken` are the shards that cannot be read, with
 * reasons.
 *
 * Missing indexes are rebuilt from their shards here, in memory; those of a remote set are read here too, since `id` and `group`
 * are synchronous. A shard whose index can be neither read nor built is broken.
 */
export const openIndexes = Effect.fn("data.openIndexes")(function* (
  store: ByteStore,
  folder: string,
  { names, starts, bytes }: ShardList,
  sizes: ReadonlyMap<string, number>,
  broken: ReadonlyMap<number, string>,
  fields: Fields
) {
  const samplesOf = (shard: number) => starts[shard + 1]! - starts[shard]!
  const fixed = new Map<number, ShardIndex | string>(broken)
  const remake = (shard: number) => rebuildIndex(store, inside(folder, names[shard]!), bytes[shard]!, fields)
  const open = Effect.fnUntraced(function* (shard: number) {
    const name = indexName(names[shard]!)
    const made = yield* Effect.result(sizes.has(name) ? store.whole(inside(folder, name)) : remake(shard))
    const index = made._tag === "Failure" ? oneLine(made.failure) : checked(made.success, name, samplesOf(shard))
    fixed.set(shard, index)
  })
  const shards = names.map((_, shard) => shard).filter((shard) => !broken.has(shard))
  const early = isRemote(folder) ? shards : shards.filter((shard) => !sizes.has(indexName(names[shard]!)))
  yield* Effect.forEach(early, open, { concurrency: atOnce, discard: true })
  const kept = new Map<number, ShardIndex>()
  let total = 0
  const load = (shard: number): ShardIndex | string => {
    const file = inside(folder, indexName(names[shard]!))
    let index: ShardIndex | string
    try {
      index = checked(readFileSync(file), file, samplesOf(shard))
    } catch (cause) {
      index = oneLine(cause)
    }
    if (typeof index === "string") {
      fixed.set(shard, index)
      return index
    }
    kept.set(shard, index)
    total += index.bytes
    for (const [oldest, old] of kept) {
      if (total <= keptBytes || oldest === shard) break
      kept.delete(oldest)
      total -= old.bytes
    }
    return index
  }
  return {
    of: (shard) => kept.get(shard) ?? fixed.get(shard) ?? load(shard),
    bytes: () => total
  } satisfies ShardIndexes
})
