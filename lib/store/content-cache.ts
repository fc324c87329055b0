import { join } from "node:path"
import { crc32 } from "node:zlib"
import { Effect, FileSystem, type Scope } from "effect"
import { makeFolder } from "./make-folder.ts"
import { openPack, type Place } from "./pack-reader.ts"
import { type CacheRecord, packWriter } from "./pack-writer.ts"
import { type StoreError, storeError } from "./store-error.ts"

/** Results on disk by the digest of their inputs: keys are 64 hexadecimal digits, contents are bytes. */
export interface ContentCache {
  /** Returns the number of known keys. */
  readonly size: () => number
  /** True where a key is known; its content may still prove damaged. */
  readonly has: (key: string) => boolean
  /**
   * Returns the content of a key, or `undefined` if it is unknown or damaged; a damaged key is forgotten, and may be put again.
   */
  readonly get: (key: string) => Effect.Effect<Uint8Array | undefined, StoreError>
  readonly getMany: (keys: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Uint8Array | undefined>, StoreError>
  /** Stores a content; a key that is known already is left unchanged. */
  readonly put: (key: string, content: Uint8Array) => Effect.Effect<void, StoreError>
  /** Stores each record like `put`, in one write. */
  readonly putMany: (records: ReadonlyArray<CacheRecord>) => Effect.Effect<void, StoreError>
}

const readsAtOnce = 8

const checkKey = (key: string): string => {
  if (!/^[0-9a-f]{64}$/.test(key)) throw new RangeError(`cache key: expected 64 hexadecimal digits, got '${key.slice(0, 80)}'`)
  return key
}

/** Reads the content at a position; `undefined` where it differs from what was written. */
const readContent = Effect.fnUntraced(function* (place: Place) {
  const content = new Uint8Array(place.length)
  for (let at = 0; at < content.length; ) {
    const read = yield* place.file.read(content.subarray(at), { position: BigInt(place.offset + at) })
    if (read === 0) return undefined
    at += read
  }
  return crc32(content) === place.checksum ? content : undefined
})

/**
 * Opens a cache in a folder of its own (one per stage), creating it if it is missing.
 * Records are in append-only packs, one per writing process, so processes cannot damage each other's; the index is read from the
 * packs' record headers when the cache opens, and has what others had written by then. Every record has a checksum: a record that
 * a killed writer left incomplete, or that the disk has changed since, is a miss. Nothing is flushed before the scope closes,
 * since lost records can be recomputed.
 */
export const openContentCache: (folder: string) => Effect.Effect<ContentCache, StoreError, FileSystem.FileSystem | Scope.Scope> =
  Effect.fn("store.openContentCache")(function* (folder: string) {
    const fs = yield* FileSystem.FileSystem
    const names = yield* makeFolder(folder).pipe(Effect.andThen(fs.readDirectory(folder)), Effect.mapError(storeError(folder)))
    const places = new Map<string, Place>()
    for (const name of names.filter((name) => name.endsWith(".pack")).sort()) {
      for (const [key, place] of yield* openPack(join(folder, name))) places.set(key, place)
    }
    const writer = yield* packWriter(folder)

    const get = Effect.fnUntraced(function* (key: string) {
      const place = places.get(checkKey(key))
      if (place === undefined) return undefined
      const content = yield* readContent(place).pipe(Effect.mapError(storeError(folder)))
      if (content === undefined && places.get(key) === place) places.delete(key)
      return content
    })
    const putMany = Effect.fnUntraced(function* (records: ReadonlyArray<CacheRecord>) {
      const fresh = [...new Map(records)].filter(([key]) => !places.has(checkKey(key)))
      if (fresh.length === 0) return
      const written = yield* writer.append(fresh)
      for (const [i, [key]] of fresh.entries()) places.set(key, written[i]!)
    })
    return {
      size: () => places.size,
      has: (key) => places.has(key),
      get,
      getMany: (keys) => Effect.forEach(keys, get, { concurrency: readsAtOnce }),
      put: (key, content) => putMany([[key, content]]),
      putMany
    }
  })
