import { Effect } from "effect"
import { type ByteStore, inside } from "../data/shards/byte-store.ts"
import type { ShardList, ShardManifest } from "../data/shards/manifest.ts"
import { rebuildIndex } from "../data/shards/rebuild-index.ts"
import { decodeShardIndex } from "../data/shards/shard-index.ts"
import { verifyShard } from "../data/shards/verify-shard.ts"
import { pairValues } from "../pipeline/samples.ts"
import { sha256 } from "../store/digest.ts"
import type { Fields } from "../tensor/field.ts"
import type { Fault } from "./inspection.ts"
import { bookFaults, statsFaults } from "./shard-files.ts"

/** Files of a shard set. */
const known =
  /^(manifest\.json|prepare\.json|groups\.bin|shards\.jsonl|quarantine\.jsonl|shard-\d{6,}\.(tar|index|parquet|stats\.json|samples\.json))$/

/**
 * Returns the faults of a shard's index file: it differs from the index of the shard itself, or states another number of samples.
 */
const indexFault = Effect.fnUntraced(function* (
  store: ByteStore,
  folder: string,
  list: ShardList,
  shard: number,
  fields: Fields
) {
  const name = list.names[shard]!
  const file = name.replace(/\.tar$/, ".index")
  const wanted = list.starts[shard + 1]! - list.starts[shard]!
  const made = yield* Effect.result(rebuildIndex(store, inside(folder, name), list.bytes[shard]!, fields))
  if (made._tag === "Failure") return { where: name, what: made.failure.message }
  const { count } = decodeShardIndex(made.success, file)
  if (count !== wanted) return { where: name, what: `${count} usable samples, where the list says ${wanted}` }
  const kept = yield* Effect.option(store.whole(inside(folder, file)))
  // A missing index is rebuilt when the set is opened.
  if (kept._tag === "None" || sha256(kept.value) === sha256(made.success)) return undefined
  return { where: file, what: "not the index of its shard" }
})

/**
 * Reads every file of a shard set; returns the faults. Sets in folders inside it, such as splits, are inspected by themselves.
 * `tell` is called for each shard that was read.
 */
export const shardFaults = Effect.fn("inspect.shardFaults")(function* (
  store: ByteStore,
  folder: string,
  manifest: ShardManifest,
  list: ShardList,
  tell: (done: number) => Effect.Effect<void>
) {
  const { faults: ofBooks, folders } = yield* bookFaults(store, folder, manifest)
  const faults: Fault[] = [...ofBooks]
  for (let shard = 0; shard < list.names.length; shard++) {
    const digest = yield* verifyShard(store, folder, list, shard)
    const fault =
      digest === undefined
        ? yield* indexFault(store, folder, list, shard, manifest.fields ?? pairValues)
        : { where: list.names[shard]!, what: digest }
    if (fault) faults.push(fault)
    yield* tell(shard + 1)
  }
  const files = yield* Effect.orElseSucceed(store.list(folder), () => [])
  for (const { name } of files) {
    if (folders.some((inner) => name.startsWith(`${inner}/`))) continue
    if (!known.test(name)) faults.push({ where: name, what: "no file of a shard set" })
    else if (name.endsWith(".stats.json")) faults.push(...(yield* statsFaults(store, folder, name)))
  }
  return faults
})
