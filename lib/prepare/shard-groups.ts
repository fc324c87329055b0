import { join } from "node:path"
import { Effect, FileSystem } from "effect"
import { parquetReadObjects } from "hyparquet"
import { sameImages } from "../data/same-images.ts"
import { groupsName } from "../data/shards/manifest.ts"
import { decodeShardIndex } from "../data/shards/shard-index.ts"
import { wholeNumbers } from "../data/sources/growing.ts"
import { writeAtomically } from "../store/atomic.ts"
import { sha256 } from "../store/digest.ts"
import { storeError } from "../store/store-error.ts"
import { PrepareError } from "./prepare-error.ts"

/** Entry in a manifest for the groups into which samples have been merged. */
export interface GroupsEntry {
  readonly name: string
  readonly sha256: string
}

/**
 * Returns the digests of the originals of a shard's samples, in their order, from its table of samples; null for one without an
 * image.
 */
const originalsOf = (table: Uint8Array, file: string) =>
  Effect.tryPromise({
    try: async () => {
      const buffer = table.slice().buffer
      const rows = await parquetReadObjects({ file: buffer, columns: ["status", "sha256"] })
      return rows.flatMap((row) => (row["status"] === "success" ? [row["sha256"] === null ? null : String(row["sha256"])] : []))
    },
    catch: (cause) => new PrepareError({ folder: file, problem: `unreadable: ${String(cause).slice(0, 200)}` })
  })

/**
 * Writes the groups of all samples of a folder's shards, where some have an image in common and their groups are therefore
 * merged: `groups.bin`, a number of 32 bits (little-endian) per sample, in their order. Without such samples, and where each is
 * specified to be an image of its own, there is no file. `shards` are the names of those that have samples, without their
 * extension.
 */
export const writeGroups = Effect.fn("prepare.writeGroups")(function* (
  folder: string,
  shards: readonly string[],
  joins: boolean
) {
  const fs = yield* FileSystem.FileSystem
  const path = join(folder, groupsName)
  const read = (name: string) => fs.readFile(join(folder, name)).pipe(Effect.mapError(storeError(name)))
  const groups = wholeNumbers()
  const same = sameImages()
  for (const name of joins ? shards : []) {
    const index = decodeShardIndex(yield* read(`${name}.index`), name)
    const originals = yield* originalsOf(yield* read(`${name}.parquet`), name)
    if (originals.length !== index.count)
      return yield* new PrepareError({
        folder,
        problem: `${name} has ${index.count} samples, and ${originals.length} in its table`
      })
    for (const [sample, digest] of originals.entries()) {
      groups.push(index.group(sample))
      if (digest !== null) same.see(index.group(sample), digest)
    }
  }
  if (same.joined() === 0) {
    yield* fs.remove(path, { force: true }).pipe(Effect.mapError(storeError(path)))
    return undefined
  }
  const bytes = new Uint8Array(4 * groups.count())
  const view = new DataView(bytes.buffer)
  for (let sample = 0; sample < groups.count(); sample++) view.setUint32(4 * sample, same.groupOf(groups.at(sample)), true)
  yield* writeAtomically(path, bytes)
  return { name: groupsName, sha256: sha256(bytes) } satisfies GroupsEntry
})
