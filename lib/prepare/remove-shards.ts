import { join } from "node:path"
import { Effect, FileSystem } from "effect"
import { storeError } from "../store/store-error.ts"

const shardFile = /^shard-([0-9]+)\.(?:tar|index|parquet|samples\.json|stats\.json)$/

/** Removes the shards of a folder from a number on: those of a longer version of the source. */
export const removeShardsFrom = Effect.fn("prepare.removeShardsFrom")(function* (folder: string, first: number) {
  const fs = yield* FileSystem.FileSystem
  const names = yield* fs.readDirectory(folder).pipe(Effect.mapError(storeError(folder)))
  for (const name of names) {
    const shard = shardFile.exec(name)?.[1]
    if (shard === undefined || Number(shard) < first) continue
    yield* fs.remove(join(folder, name), { force: true }).pipe(Effect.mapError(storeError(join(folder, name))))
  }
})
