import { Deferred, Effect } from "effect"
import type { ByteError } from "./byte-error.ts"

/** Cache of pieces of files; the least recently used are evicted first. */
export interface BlockCache {
  /** Returns the piece under a key, read by `read` where it is not cached; concurrent requests for it wait for the same read. */
  readonly get: (key: string, read: Effect.Effect<Uint8Array, ByteError>) => Effect.Effect<Uint8Array, ByteError>
  /** Starts to read a piece that is neither cached nor being read. */
  readonly ahead: (key: string, read: Effect.Effect<Uint8Array, ByteError>) => Effect.Effect<void>
  /** Returns the number of bytes cached now. */
  readonly bytes: () => number
}

/** Returns a cache of at most `limit` bytes, besides those being read; a failed read is not cached. */
export const blockCache = (limit: number): BlockCache => {
  const kept = new Map<string, Uint8Array>()
  const coming = new Map<string, Deferred.Deferred<Uint8Array, ByteError>>()
  let total = 0
  const keep = (key: string, bytes: Uint8Array) => {
    kept.set(key, bytes)
    total += bytes.length
    for (const [oldest, old] of kept) {
      if (total <= limit) break
      kept.delete(oldest)
      total -= old.length
    }
  }
  // On a fiber of its own: the first caller may be interrupted without the others that wait.
  const begin = Effect.fnUntraced(function* (key: string, read: Effect.Effect<Uint8Array, ByteError>) {
    const result = Deferred.makeUnsafe<Uint8Array, ByteError>()
    coming.set(key, result)
    const settle = Effect.onExit(read, (exit) =>
      Effect.sync(() => {
        coming.delete(key)
        if (exit._tag === "Success") keep(key, exit.value)
      })
    )
    yield* Effect.forkDetach(Deferred.into(settle, result))
    return result
  })
  return {
    get: Effect.fnUntraced(function* (key, read) {
      const known = kept.get(key)
      if (known !== undefined) {
        kept.delete(key)
        kept.set(key, known)
        return known
      }
      return yield* Deferred.await(coming.get(key) ?? (yield* begin(key, read)))
    }),
    ahead: (key, read) => (kept.has(key) || coming.has(key) ? Effect.void : Effect.asVoid(begin(key, read))),
    bytes: () => total
  }
}
