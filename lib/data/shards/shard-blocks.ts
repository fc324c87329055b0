import type { Blocks } from "../../random/block-order.ts"
import type { ShardList } from "./manifest.ts"

/** Bytes that are mixed at a time: 8 blocks of at most 32 MiB, less than the cache of a byte store holds. */
const blockLimit = 32 * 2 ** 20
const window = 8

/**
 * Returns the blocks of remote data: its files (shards, tars), those above 32 MiB in equal parts. `starts` has each file's first
 * sample, and last the number of samples; files without a sample have no block.
 */
export const shardBlocks = ({ starts, bytes }: Pick<ShardList, "starts" | "bytes">): Blocks => {
  const cuts: number[] = []
  bytes.forEach((size, shard) => {
    const samples = starts[shard + 1]! - starts[shard]!
    const parts = Math.max(1, Math.min(samples, Math.ceil(size / blockLimit)))
    for (let part = 0; part < parts && samples > 0; part++) cuts.push(starts[shard]! + Math.floor((samples * part) / parts))
  })
  return { starts: Float64Array.from([...cuts, starts[bytes.length]!]), window }
}
