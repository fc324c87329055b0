import { Effect, Path } from "effect"
import { SampleError } from "../../pipeline/errors.ts"
import { isRemote } from "../shards/byte-store.ts"
import { fetchImage } from "../url/fetch-image.ts"
import { namedFolders } from "./image-folders.ts"
import { isUrl } from "./image-id.ts"
import { type Location, optionParts } from "./location.ts"
import { ownFolders } from "./own-folders.ts"
import { sampleFiles } from "./read-image.ts"

/**
 * Returns the folders that the paths of rows are relative to: each file's own, or one where `?images=` names the same for all
 * files, so that one path is one image.
 */
export const foldersOfFiles = Effect.fnUntraced(function* (location: Location, folders: readonly string[]) {
  const path = yield* Path.Path
  const own = ownFolders(path, folders)
  const named = optionParts(location, "images")
  if (named.length === 0 || own.prefixes.length === 1) return own
  const theirs = yield* Effect.forEach(new Set(folders), (folder) => namedFolders(location, folder, named))
  return new Set(theirs.map((each) => JSON.stringify(each))).size === 1 ? ownFolders(path, folders.slice(0, 1)) : own
})

/** Reads the image of a row that has a path and no bytes, for the sample of an id, in file number `file`. */
export type ImagesBeside = (id: string, file: number, path: string | undefined) => Effect.Effect<Uint8Array, SampleError>

/**
 * Returns the reader of the images that rows of Parquet files name by path: from each file's folder, or `images` in it, or from
 * the folders that `?images=` names. A URL is fetched where that is allowed (`UrlPolicy`).
 */
export const imagesBeside = Effect.fnUntraced(function* (location: Location, folders: readonly string[]) {
  const files = yield* sampleFiles
  const named = optionParts(location, "images")
  const chosen = new Map<string, readonly string[]>()
  for (const folder of named.length > 0 ? new Set(folders) : []) chosen.set(folder, yield* namedFolders(location, folder, named))
  const read: ImagesBeside = Effect.fnUntraced(function* (id, file, path) {
    if (path === undefined || path === "") return yield* new SampleError({ id, reason: "no-image" })
    if (isUrl(path)) return yield* fetchImage(path.trim()).pipe(Effect.mapError(({ reason }) => new SampleError({ id, reason })))
    const own = folders[file]!
    const theirs = chosen.get(own)
    if (theirs === undefined && isRemote(own))
      return yield* new SampleError({ id, reason: "no-image(a path in a parquet file that is not on this machine)" })
    return yield* files.find(id, theirs ?? [own, `${own}/images`], path)
  })
  return read
})
