import { createHash } from "node:crypto"
import { Effect, type FileSystem } from "effect"
import type { Range } from "../data/shards/shard-index.ts"
import { paddingOf } from "../data/tar/tar-header.ts"
import { memberHeader, type TarFile, tarEnd } from "../data/tar/write-tar.ts"
import { storeError } from "../store/store-error.ts"

/** Number of bytes buffered before they are written. */
const atOnce = 2 ** 20

/**
 * Writes a tar into an open file, member by member, holding at most one mebibyte and one member: `add` returns the position of a
 * member's content, `end` finishes the tar and returns its size and SHA-256. `path` is the path in errors.
 */
export const tarAppender = (file: FileSystem.File, path: string) => {
  const state = createHash("sha256")
  let held: Uint8Array[] = []
  let heldBytes = 0
  let at = 0
  const put = (bytes: Uint8Array): void => {
    held.push(bytes)
    heldBytes += bytes.length
    at += bytes.length
  }
  const flush = Effect.suspend(() => {
    const bytes = held.length === 1 ? held[0]! : Buffer.concat(held)
    held = []
    heldBytes = 0
    state.update(bytes)
    return file.writeAll(bytes).pipe(Effect.mapError(storeError(path)))
  })
  const add = Effect.fnUntraced(function* ({ name, bytes }: TarFile) {
    for (const piece of memberHeader(name, bytes.length)) put(piece)
    const place: Range = { offset: at, size: bytes.length }
    put(bytes)
    put(new Uint8Array(paddingOf(bytes.length)))
    if (heldBytes >= atOnce) yield* flush
    return place
  })
  const end = Effect.gen(function* () {
    put(tarEnd())
    yield* flush
    return { bytes: at, sha256: state.digest("hex") }
  })
  return { add, end }
}
