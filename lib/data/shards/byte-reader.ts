import type { Effect } from "effect"
import type { ByteError } from "./byte-error.ts"

/** A file or an object in a listing. */
export interface Listed {
  /** Path relative to the listed folder, with `/` between folders. */
  readonly name: string
  /** Size in bytes. */
  readonly size: number
}

/** Source of bytes: one attempt per read, nothing cached. */
export interface ByteReader {
  /** Returns the size of a file or object, in bytes. */
  readonly size: (location: string) => Effect.Effect<number, ByteError>
  /** Reads `length` bytes from byte `from` on; fewer are an error. */
  readonly read: (location: string, from: number, length: number) => Effect.Effect<Uint8Array, ByteError>
  /** Lists the files in a folder, at any depth, by name in code-unit order. */
  readonly list: (folder: string) => Effect.Effect<readonly Listed[], ByteError>
}
