import { join } from "node:path"
import { Effect, type FileSystem, type Scope } from "effect"
import { openContentCache } from "../store/content-cache.ts"
import type { StoreError } from "../store/store-error.ts"

/** Where prepared halves are kept by the digest of all that they are a function of: an entry never changes. */
export interface PreparedCache {
  /** The bytes under a key, 64 hexadecimal digits, or `undefined`. */
  readonly get: (key: string) => Effect.Effect<Uint8Array | undefined>
  readonly set: (key: string, bytes: Uint8Array) => Effect.Effect<void>
  /** Whether there is an entry, without reading it. */
  readonly has: (key: string) => boolean
}

/** A cache that forgets everything: every half is prepared anew. */
export const noCache: PreparedCache = { get: () => Effect.undefined, set: () => Effect.void, has: () => false }

/** Opens the cache of some name; caches of different names share nothing. */
export type OpenCache = (name: string) => Effect.Effect<PreparedCache, StoreError, FileSystem.FileSystem | Scope.Scope>

/** Opens no cache. */
export const noCaches: OpenCache = () => Effect.succeed(noCache)

/**
 * Caches in folders of one folder.
 *
 * What cannot be read counts as missing, and what cannot be written is not kept, with a warning the first time: a full disk makes
 * a run slower and does not end it.
 */
export const cachesIn =
  (folder: string): OpenCache =>
  (name) =>
    Effect.map(openContentCache(join(folder, name)), (cache): PreparedCache => {
      let warned = false
      const warn = (error: StoreError): Effect.Effect<undefined> => {
        if (warned) return Effect.undefined
        warned = true
        return Effect.as(Effect.logWarning(`cache not used: ${error.message}`), undefined)
      }
      return {
        get: (key) => Effect.catch(cache.get(key), warn),
        set: (key, bytes) => Effect.catch(cache.put(key, bytes), warn),
        has: cache.has
      }
    })
