import { Context, type Effect } from "effect"
import type { BlobDamaged, BlobError, BlobMissing } from "./blob-error.ts"

/** What is kept under a key, and the SHA-256 that it was written and read with (64 hexadecimal digits). */
export interface Blob {
  readonly content: Uint8Array
  readonly sha256: string
}

/** A key in a listing; `modified` is in milliseconds since 1970, by the store's clock. */
export interface Listed {
  readonly key: string
  readonly bytes: number
  readonly modified: number
}

/** A page of a listing; `next` is what to pass as `after` for the next page, absent on the last. */
export interface BlobPage {
  readonly blobs: ReadonlyArray<Listed>
  readonly next: string | undefined
}

/** The operations on a store of blobs. Every implementation keeps the laws of test/laws/blob-store.ts. */
export interface BlobOperations {
  /** Where it is, for people: `s3://bucket/prefix` or a folder. */
  readonly location: string
  /** What is under a key, verified against the SHA-256 it was written with, and against `sha256` where given. */
  readonly get: (key: string, sha256?: string) => Effect.Effect<Blob, BlobError | BlobMissing | BlobDamaged>
  /**
   * Keeps a content under a key that has none: "already" if there is one, whatever it is, and it stays. Of any number of racing
   * puts one creates. Once it returns, the content survives a crash. After a lost response one's own content may be the "already".
   */
  readonly putIfAbsent: (key: string, content: Uint8Array) => Effect.Effect<"created" | "already", BlobError>
  /** Size, SHA-256 and time of a key, without its content; the SHA-256 is what it was written with, not verified. */
  readonly head: (key: string) => Effect.Effect<Listed & { readonly sha256: string }, BlobError | BlobMissing>
  /**
   * The keys that start with `prefix` (any text, "" for all; in bytes, so `a/b` finds `a/bc`) and come after `after`, ordered by
   * code unit, at most `limit` (1–1,000, default 1,000). What is committed before a listing starts is in it.
   */
  readonly list: (
    prefix: string,
    options?: { readonly after?: string; readonly limit?: number }
  ) => Effect.Effect<BlobPage, BlobError>
  /** Removes a key; one that is not there is as good as removed. */
  readonly delete: (key: string) => Effect.Effect<void, BlobError>
}

/**
 * Immutable blobs by key: what jobs read and commit. Layers: `fileBlobStore` (file.ts), `s3BlobStore` (s3.ts).
 *
 * A key is 1–512 characters: segments of letters, digits and `. _ - =` joined by `/`, none starting with a dot; anything else is
 * refused (`BlobRefused`), so no key leads out of the store. No key may be a folder of another (`a` beside `a/b`).
 */
export class BlobStore extends Context.Service<BlobStore, BlobOperations>()("semmim/lib/store/blob/BlobStore") {}
