import { Context, type Effect } from "effect"
import type { BlobDamaged, BlobError, BlobMissing } from "./blob-error.ts"

/** Content of a key, and its SHA-256 when written and when read (64 hexadecimal digits). */
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

/** A page of a listing; `next` is passed as `after` for the next page, absent on the last. */
export interface BlobPage {
  readonly blobs: ReadonlyArray<Listed>
  readonly next: string | undefined
}

/** Operations on a store of blobs. Every implementation passes the suite test/laws/blob-store.ts. */
export interface BlobOperations {
  /** Location for display: `s3://bucket/prefix` or a folder. */
  readonly location: string
  /** Reads a key's content, verified against the SHA-256 recorded when it was written, and against `sha256` where given. */
  readonly get: (key: string, sha256?: string) => Effect.Effect<Blob, BlobError | BlobMissing | BlobDamaged>
  /**
   * Stores a content under a new key; returns "already", and changes nothing, where the key exists with any content. Of any
   * number of racing puts one creates. Once it returns, the content survives a crash. After a lost response the "already" may be
   * the caller's own content.
   */
  readonly putIfAbsent: (key: string, content: Uint8Array) => Effect.Effect<"created" | "already", BlobError>
  /**
   * Returns size, SHA-256 and time of a key, without its content; the SHA-256 is the one recorded when it was written, not
   * verified.
   */
  readonly head: (key: string) => Effect.Effect<Listed & { readonly sha256: string }, BlobError | BlobMissing>
  /**
   * Lists the keys that start with `prefix` (any text, "" for all; in bytes, so `a/b` finds `a/bc`) and come after `after`,
   * ordered by code unit, at most `limit` (1–1,000, default 1,000). Includes everything committed before the listing starts.
   */
  readonly list: (
    prefix: string,
    options?: { readonly after?: string; readonly limit?: number }
  ) => Effect.Effect<BlobPage, BlobError>
  /** Removes a key; succeeds also where there is none. */
  readonly delete: (key: string) => Effect.Effect<void, BlobError>
}

/**
 * Immutable blobs by key, which jobs read and commit. Layers: `fileBlobStore` (file.ts), `s3BlobStore` (s3.ts).
 * A key is 1–512 characters: segments of letters, digits and `. _ - =` joined by `/`, none starting with a dot; anything else is
 * refused (`BlobRefused`), so no key leads out of the store. No key may be a folder of another (`a` beside `a/b`).
 */
export class BlobStore extends Context.Service<BlobStore, BlobOperations>()("semmim/lib/store/blob/BlobStore") {}
