import { type Config, Effect, type FileSystem, Layer } from "effect"
import { type BlobError, BlobRefused, type StoreUnconditional } from "./blob-error.ts"
import type { BlobStore } from "./blob-store.ts"
import { fileBlobStore } from "./file.ts"

const s3Location = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*?))?\/*$/

/** Parses `s3://bucket/prefix` into bucket and prefix, the prefix without slashes at its end; `undefined` for another text. */
export const parseS3Location = (location: string): { readonly bucket: string; readonly prefix: string } | undefined => {
  const [, bucket, prefix = ""] = s3Location.exec(location) ?? []
  return bucket === undefined ? undefined : { bucket, prefix }
}

/** Opens the store at a location: `s3://bucket/prefix`, or a folder. A text that starts like any other URL is refused. */
export const blobStoreAt = (
  location: string
): Layer.Layer<BlobStore, BlobError | StoreUnconditional | Config.ConfigError, FileSystem.FileSystem> => {
  const place = parseS3Location(location)
  // The SDK takes a third of a second to load, which no other store needs.
  if (place !== undefined)
    return Layer.unwrap(
      Effect.map(
        Effect.promise(() => import("./s3.ts")),
        ({ s3BlobStore }) => s3BlobStore(place)
      )
    )
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return fileBlobStore(location)
  const reason = "expected s3://bucket/prefix or a folder"
  return Layer.unwrap(Effect.fail(new BlobRefused({ store: location.slice(0, 80), key: "", reason })))
}
