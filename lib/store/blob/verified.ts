import { Effect } from "effect"
import { sha256 } from "../digest.ts"
import { BlobDamaged } from "./blob-error.ts"
import type { Blob } from "./blob-store.ts"

/**
 * Returns a content if its SHA-256 is the one recorded when it was written, and the one that the reader expects, if any. A
 * content without a record is accepted only with the reader's.
 */
export const verified = (
  store: string,
  key: string,
  content: Uint8Array,
  recorded: string | undefined,
  expected: string | undefined
): Effect.Effect<Blob, BlobDamaged> => {
  const found = sha256(content)
  const wanted = [recorded, expected].filter((digest) => digest !== undefined)
  const other = wanted.length === 0 ? "one in its record, which is missing" : wanted.find((digest) => digest !== found)
  return other === undefined
    ? Effect.succeed({ content, sha256: found })
    : Effect.fail(new BlobDamaged({ store, key, expected: other, found }))
}
