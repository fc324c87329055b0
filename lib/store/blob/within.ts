import { Effect } from "effect"
import { checkKey } from "./blob-key.ts"
import type { BlobOperations } from "./blob-store.ts"

/**
 * Returns a view of a store restricted to one of its folders: keys are under `folder`, which is a key itself, and no key leads
 * out of it. For code that acts on a message, which may name keys but not their location.
 */
export const within = (store: BlobOperations, folder: string): BlobOperations => {
  const before = `${folder}/`
  const outer = <A, E>(key: string, use: (key: string) => Effect.Effect<A, E>) =>
    Effect.andThen(
      checkKey(store.location, key),
      Effect.suspend(() => use(before + key))
    )
  const inner = <A extends { readonly key: string }>(found: A): A => ({ ...found, key: found.key.slice(before.length) })
  return {
    location: `${store.location}/${folder}`,
    get: (key, sha256) => outer(key, (whole) => store.get(whole, sha256)),
    putIfAbsent: (key, content) => outer(key, (whole) => store.putIfAbsent(whole, content)),
    head: (key) => Effect.map(outer(key, store.head), inner),
    list: (prefix, { after, limit } = {}) =>
      Effect.map(
        store.list(before + prefix, {
          ...(after === undefined ? {} : { after: before + after }),
          ...(limit === undefined ? {} : { limit })
        }),
        ({ blobs, next }) => ({ blobs: blobs.map(inner), next: next?.slice(before.length) })
      ),
    delete: (key) => outer(key, store.delete)
  }
}
