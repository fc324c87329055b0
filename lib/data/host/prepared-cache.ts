import { join } from "node:path"
import { Effect, FileSystem, type Scope } from "effect"
import type { Json } from "../../pipeline/stage.ts"
import { writeAtomically } from "../../store/atomic.ts"
import { openContentCache } from "../../store/content-cache.ts"
import { type StoreError, storeError } from "../../store/store-error.ts"

/** Cache of preprocessing, by the digest of everything that determines it: an entry never changes. */
export interface PreparedCache {
  /** Returns the bytes under a key, 64 hexadecimal digits, or `undefined`. */
  readonly get: (key: string) => Effect.Effect<Uint8Array | undefined>
  readonly set: (key: string, bytes: Uint8Array) => Effect.Effect<void>
  /** True where there is an entry; does not read it. */
  readonly has: (key: string) => boolean
  /** Records what the entries of an identity are made from, so that `remembered` can report what has changed since. */
  readonly remember: (identity: string, madeFrom: Json) => Effect.Effect<void>
  /** The records of `remember`, by identity. */
  readonly remembered: Effect.Effect<ReadonlyMap<string, Json>>
}

/** A cache that stores nothing: all preprocessing is computed again. */
export const noCache: PreparedCache = {
  get: () => Effect.undefined,
  set: () => Effect.void,
  has: () => false,
  remember: () => Effect.void,
  remembered: Effect.succeed(new Map())
}

/** Opens the cache of a name; caches of different names share nothing. */
export type OpenCache = (name: string) => Effect.Effect<PreparedCache, StoreError, FileSystem.FileSystem | Scope.Scope>

/** Opens no cache. */
export const noCaches: OpenCache = () => Effect.succeed(noCache)

const noteSuffix = ".json"

/** Stores records as small files beside a cache's packs, one per identity. */
const notesIn = (files: FileSystem.FileSystem, folder: string) => {
  const written = new Set<string>()
  const remember = Effect.fnUntraced(function* (identity: string, madeFrom: Json) {
    const path = join(folder, identity + noteSuffix)
    if (written.has(identity)) return
    written.add(identity)
    if (yield* files.exists(path).pipe(Effect.mapError(storeError(path)))) return
    yield* writeAtomically(path, JSON.stringify(madeFrom))
  })
  const remembered = Effect.gen(function* () {
    const names = (yield* files.readDirectory(folder)).filter((name) => name.endsWith(noteSuffix)).sort()
    const texts = yield* Effect.forEach(names, (name) => files.readFileString(join(folder, name)))
    return new Map(names.map((name, i): [string, Json] => [name.slice(0, -noteSuffix.length), JSON.parse(texts[i]!)]))
  })
  return { remember, remembered }
}

/**
 * Opens caches in subfolders of one folder.
 *
 * An entry that cannot be read counts as missing, and one that cannot be written is not stored, with a warning the first time: a
 * full disk slows a run down and does not end it.
 */
export const cachesIn = (folder: string): OpenCache =>
  Effect.fnUntraced(function* (name: string) {
    const files = yield* FileSystem.FileSystem
    const cache = yield* openContentCache(join(folder, name))
    const { remember, remembered } = notesIn(files, join(folder, name))
    let warned = false
    const warn = (error: StoreError): Effect.Effect<undefined> => {
      if (warned) return Effect.undefined
      warned = true
      return Effect.as(Effect.logWarning(`cache not used: ${error.message}`), undefined)
    }
    return {
      get: (key) => Effect.catch(cache.get(key), warn),
      set: (key, bytes) => Effect.catch(cache.put(key, bytes), warn),
      has: cache.has,
      remember: (identity, madeFrom) =>
        remember(identity, madeFrom).pipe(Effect.provideService(FileSystem.FileSystem, files), Effect.catch(warn)),
      remembered: Effect.orElseSucceed(remembered, () => new Map())
    } satisfies PreparedCache
  })
