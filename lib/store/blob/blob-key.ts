import { Effect } from "effect"
import { BlobRefused } from "./blob-error.ts"

const grammar = /^[A-Za-z0-9_=-][A-Za-z0-9._=-]*(\/[A-Za-z0-9_=-][A-Za-z0-9._=-]*)*$/

/**
 * True where a text is a key (see `BlobStore`): such a text cannot lead out of a folder, be hidden in one, or need escaping in a
 * URL.
 */
export const isBlobKey = (text: string): boolean => text.length <= 512 && grammar.test(text)

/** Fails with `BlobRefused` unless a text is a key. */
export const checkKey = (store: string, key: string): Effect.Effect<void, BlobRefused> => {
  const shown = JSON.stringify(key.slice(0, 80))
  return isBlobKey(key)
    ? Effect.void
    : Effect.fail(new BlobRefused({ store, key: shown, reason: "is not a key: letters, digits and ._-= between slashes" }))
}
