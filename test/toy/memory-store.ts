import { Clock, Effect, Layer } from "effect"
import { BlobDamaged, BlobMissing } from "../../lib/store/blob/blob-error.ts"
import { BlobStore } from "../../lib/store/blob/blob-store.ts"
import { sha256 } from "../../lib/store/digest.ts"

/** What a memory store holds, for tests to look at and to damage. */
export type Held = Map<string, { content: Uint8Array; readonly modified: number }>

/** A store in memory, over a map that a test may share. */
export const memoryStore = (held: Held = new Map()): Layer.Layer<BlobStore> =>
  Layer.sync(BlobStore, () => {
    const find = (key: string) => {
      const found = held.get(key)
      return found ? Effect.succeed(found) : Effect.fail(new BlobMissing({ store: "memory", key }))
    }
    return BlobStore.of({
      location: "memory",
      get: (key, expected) =>
        Effect.gen(function* () {
          const { content } = yield* find(key)
          const found = sha256(content)
          if (expected !== undefined && found !== expected)
            return yield* new BlobDamaged({ store: "memory", key, expected, found })
          return { content, sha256: found }
        }),
      putIfAbsent: (key, content) =>
        Effect.map(Clock.currentTimeMillis, (modified) => {
          if (held.has(key)) return "already"
          held.set(key, { content, modified })
          return "created"
        }),
      head: (key) =>
        Effect.map(find(key), ({ content, modified }) => ({ key, bytes: content.length, modified, sha256: sha256(content) })),
      list: (prefix, { after = "", limit = 1000 } = {}) =>
        Effect.sync(() => {
          const keys = [...held.keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
          const page = keys.slice(0, limit)
          return {
            blobs: page.map((key) => ({ key, bytes: held.get(key)!.content.length, modified: held.get(key)!.modified })),
            next: keys.length > limit ? page.at(-1) : undefined
          }
        }),
      delete: (key) => Effect.sync(() => void held.delete(key))
    })
  })

/** What a store holds under a key, as JSON. */
export const heldJson = (held: Held, key: string): unknown => JSON.parse(new TextDecoder().decode(held.get(key)!.content))
