import { Deferred, Effect } from "effect"
import type { DataError } from "../data-error.ts"

/** Values of a column of row groups, by the group's key; the most recently used are kept. */
export interface RowGroupCache {
  readonly get: (
    key: string,
    bytes: number,
    read: Effect.Effect<readonly unknown[], DataError>
  ) => Effect.Effect<readonly unknown[], DataError>
}

interface Kept {
  readonly values: Deferred.Deferred<readonly unknown[], DataError>
  readonly bytes: number
}

/**
 * A cache of row groups of at most `limit` bytes, but of at least one group; concurrent requests for a group wait for the same
 * read.
 */
export const rowGroupCache = (limit: number): RowGroupCache => {
  const kept = new Map<string, Kept>()
  let total = 0
  const drop = (key: string) => {
    total -= kept.get(key)?.bytes ?? 0
    kept.delete(key)
  }
  return {
    get: Effect.fnUntraced(function* (key, bytes, read) {
      const known = kept.get(key)
      if (known !== undefined) {
        kept.delete(key)
        kept.set(key, known)
        return yield* Deferred.await(known.values)
      }
      const values = Deferred.makeUnsafe<readonly unknown[], DataError>()
      kept.set(key, { values, bytes })
      total += bytes
      for (const oldest of kept.keys()) {
        if (total <= limit || oldest === key) break
        drop(oldest)
      }
      // On a fiber of its own: the first caller may be interrupted without the others that wait. A failed read is not cached.
      const settle = Effect.tapError(read, () => Effect.sync(() => kept.get(key)?.values === values && drop(key)))
      yield* Effect.forkDetach(Deferred.into(settle, values))
      return yield* Deferred.await(values)
    })
  }
}
