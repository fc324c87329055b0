import { Effect } from "effect"
import { SampleError } from "../../pipeline/errors.ts"
import { isRemote } from "../shards/byte-store.ts"
import { fetchPicture } from "../url/fetch-picture.ts"
import { type Location, optionParts } from "./location.ts"
import { namedFolders } from "./picture-folders.ts"
import { sampleFiles } from "./read-picture.ts"

/** Reads the picture that a row has a path for and no bytes: of a sample, in file number `file`. */
export type PicturesBeside = (id: string, file: number, path: string | undefined) => Effect.Effect<Uint8Array, SampleError>

/**
 * What reads the pictures that rows of parquet files name by path: from each file's folder, or `images` in it, or from the folders that
 * `?images=` names. A URL is fetched where that is allowed (`UrlPolicy`).
 */
export const picturesBeside = Effect.fnUntraced(function* (location: Location, folders: readonly string[]) {
  const files = yield* sampleFiles
  const named = optionParts(location, "images")
  const chosen = named.length > 0 ? yield* namedFolders(location, folders[0]!, named) : undefined
  const read: PicturesBeside = Effect.fnUntraced(function* (id, file, path) {
    if (path === undefined || path === "") return yield* new SampleError({ id, reason: "no-picture" })
    if (/^https?:\/\//i.test(path))
      return yield* fetchPicture(path).pipe(Effect.mapError(({ reason }) => new SampleError({ id, reason })))
    const own = folders[file]!
    if (chosen === undefined && isRemote(own))
      return yield* new SampleError({ id, reason: "no-picture(a path in a parquet file that is not on this machine)" })
    return yield* files.find(id, chosen ?? [own, `${own}/images`], path)
  })
  return read
})
